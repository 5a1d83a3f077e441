import { LabIcon } from '@jupyterlab/ui-components';
import svg from '../../style/icons/mlops.svg';

export const mlopsIcon = new LabIcon({ name: 'jupyter-mlops:icon', svgstr: svg });
