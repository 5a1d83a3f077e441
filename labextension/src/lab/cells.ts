/** What outputs in notebooks show, with its styles: fetched with the first one. */
import '../../style/index.js';

export { CellApp } from '../components/cell/CellApp';
