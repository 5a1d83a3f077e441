export { CompareScreen } from './CompareScreen';
export { ComparePanel } from './ComparePanel';
export { SweepPanel } from './SweepPanel';
