/** What is fetched with the first panel: the components, and all styles. */
import '../../style/index.js';

export { App } from '../components/App';
