/** The panel at the side: of the selected step, of several, or of the workflow when none is selected. */
import { PanelRightOpen } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent, type RefObject } from 'react';
import { ON_EXIT } from '../../../model/workflow/document';
import { useHost, useT } from '../../surroundings';
import { IconButton } from '../../ui';
import { useEditor } from '../context';
import { FlowPanel } from './FlowPanel';
import { ManyPanel } from './ManyPanel';
import { fitting, LEAST, MOST, panel } from './panel';
import { StepPanel } from './StepPanel';

export function Inspector() {
  const t = useT();
  const { doc, selected } = useEditor();
  // in a cell there is little room: it opens when it's asked for
  const [open, setOpen] = useState(useHost().place !== 'cell' && panel.open);
  const [width, setWidth] = useState(panel.width);
  const box = useRef<HTMLElement>(null);
  useEffect(() => panel.onOpen(setOpen), []);
  const leave = useEntrance(box);
  if (!open) {
    return (
      <div className="jmo-inspector-closed">
        <IconButton icon={PanelRightOpen} label={t('Show the inspector')} onClick={() => panel.show(true)} />
      </div>
    );
  }
  const step = selected[0] === ON_EXIT ? doc.on_exit : doc.steps.find(each => each.name === selected[0]);
  return (
    <aside
      ref={box}
      className="jmo-inspector"
      style={{ ['--width' as string]: `${width}px` }}
      aria-label={t('Inspector')}
      // keys of the canvas (Delete, c, …) aren't meant here
      onKeyDown={event => {
        if (event.key === 'Escape') {
          leave();
        }
        if (!event.ctrlKey && !event.metaKey) {
          event.stopPropagation();
        }
      }}
    >
      <Edge width={width} onWidth={setWidth} />
      {selected.length > 1 ? <ManyPanel /> : step ? <StepPanel step={step} /> : <FlowPanel />}
    </aside>
  );
}

/** Moves the focus into the panel when that is asked for; the answer gives it back to where it was. */
function useEntrance(box: RefObject<HTMLElement>): () => void {
  const before = useRef<HTMLElement | null>(null);
  useEffect(() => {
    const enter = () => {
      const from = document.activeElement as HTMLElement | null;
      // once what was asked for is drawn
      requestAnimationFrame(() => {
        if (box.current?.closest('.jmo-workflow')?.contains(from)) {
          before.current = from;
          const tab = box.current.querySelector<HTMLElement>('[role=tab][aria-selected=true]');
          (tab ?? box.current.querySelector('button'))?.focus();
        }
      });
    };
    return panel.onEnter(enter);
  }, [box]);
  return () => {
    if (before.current?.isConnected) {
      before.current.focus();
    }
  };
}

/** Drag it, or use the arrow keys, to make the panel wider. */
function Edge({ width, onWidth }: { width: number; onWidth(width: number): void }) {
  const t = useT();
  const set = (next: number) => {
    panel.width = next;
    onWidth(fitting(next));
  };
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    const edge = event.currentTarget;
    const start = event.clientX;
    edge.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent) => set(width - (moved.clientX - start));
    edge.addEventListener('pointermove', move);
    edge.addEventListener('lostpointercapture', () => edge.removeEventListener('pointermove', move), { once: true });
  };
  const onKey = (event: KeyboardEvent) => {
    const by: Record<string, number> = { ArrowLeft: 20, ArrowRight: -20 };
    if (event.key in by) {
      event.preventDefault();
      set(width + by[event.key]);
    }
  };
  return (
    <div
      className="jmo-inspector-edge"
      role="separator"
      aria-orientation="vertical"
      aria-label={t('Width of the inspector')}
      aria-valuenow={width}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onPointerDown={drag}
      onKeyDown={onKey}
    />
  );
}
