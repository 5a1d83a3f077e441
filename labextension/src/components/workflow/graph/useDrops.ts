/** What can be dropped on the canvas: Functions and workflows of the sidebar, notebooks of Lab's file browser. */
import { useReactFlow } from '@xyflow/react';
import { useCallback, useEffect, useRef, type DragEvent, type RefObject } from 'react';
import { type ICanvasDrop, CANVAS_DROP, MIME, asDrop } from '../../../model/workflow/drops';
import { freshName, isName } from '../../../model/workflow/names';
import { useBackend, useHost } from '../../surroundings';
import type { IEditor } from '../context';
import type { ISteps } from './useSteps';

export function useDrops(canvas: RefObject<HTMLDivElement>, editor: IEditor, steps: ISteps) {
  const flow = useReactFlow();
  const host = useHost();
  const backend = useBackend();

  const take = async ({ what, x, y }: ICanvasDrop) => {
    if (editor.readonly) {
      return;
    }
    const at = flow.screenToFlowPosition({ x, y });
    const near: [number, number] = [at.x, at.y];
    if ('function' in what || 'workflow' in what) {
      steps.add(what, { near });
      return;
    }
    const base = what.notebook
      .split('/')
      .pop()!
      .replace(/\.ipynb$/, '');
    const name = await host.ask({
      title: host.t('Make a Function of %1', what.notebook),
      label: host.t('Name of the Function'),
      value: freshName(editor.functions.keys(), base),
      accept: host.t('Add'),
      check: text => (isName(text) ? null : host.t('Use a-z, 0-9 and _, and begin with a letter.'))
    });
    if (name === null) {
      return;
    }
    try {
      await backend.call('functions.define', { name, notebook: what.notebook });
      steps.add({ function: name }, { near });
    } catch (error) {
      host.notify(error instanceof Error ? error.message : String(error), 'error');
    }
  };
  const latest = useRef(take);
  latest.current = take;

  // Lab's own drags aren't those of HTML: its host turns them into this event
  useEffect(() => {
    const node = canvas.current;
    const dropped = (event: Event) => void latest.current((event as CustomEvent<ICanvasDrop>).detail);
    node?.addEventListener(CANVAS_DROP, dropped);
    return () => node?.removeEventListener(CANVAS_DROP, dropped);
  }, [canvas]);

  const onDragOver = useCallback((event: DragEvent) => {
    if (event.dataTransfer.types.includes(MIME)) {
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
    }
  }, []);
  const onDrop = useCallback((event: DragEvent) => {
    const what = asDrop(event.dataTransfer.getData(MIME));
    if (what) {
      event.preventDefault();
      void latest.current({ what, x: event.clientX, y: event.clientY });
    }
  }, []);
  return { onDragOver, onDrop };
}
