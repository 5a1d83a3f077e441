// What is needed before a panel is shown; the rest (index.js) is fetched with the first one.
import './lab.css';
