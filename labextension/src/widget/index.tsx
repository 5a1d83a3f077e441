/** The panel in a notebook's cell. */
import '../../style/index.css';

export default {
  render({ el }: { el: HTMLElement }): void {
    el.textContent = 'jupyter-mlops';
  }
};
