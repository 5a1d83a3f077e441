import { LabIcon } from '@jupyterlab/ui-components';
import functionSvg from '../../style/icons/function.svg';
import svg from '../../style/icons/mlops.svg';
import runsSvg from '../../style/icons/runs.svg';

export const mlopsIcon = new LabIcon({ name: 'jupyter-mlops:icon', svgstr: svg });
export const functionIcon = new LabIcon({ name: 'jupyter-mlops:function', svgstr: functionSvg });
export const runsIcon = new LabIcon({ name: 'jupyter-mlops:runs', svgstr: runsSvg });
