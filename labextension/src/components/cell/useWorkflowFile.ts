/** The text behind a workflow's editor in a cell; edits that aren't saved outlive a visit to another screen. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { IBackend } from '../../model/backend';
import type { IHost } from '../../model/host';
import type { IDraft, ILeft } from '../../model/panel/frame';
import { WorkflowFile } from '../../model/panel/workflowfile';

export function useWorkflowFile(
  backend: IBackend,
  host: IHost,
  name: string | null,
  draft: IDraft | null,
  onDraft: (draft: IDraft | null) => void,
  take: (workflow: string) => ILeft | null
): { file: WorkflowFile | null; error: Error | null; retry(): void } {
  const files = useRef(new Map<string, WorkflowFile>());
  const [file, setFile] = useState<WorkflowFile | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [, setDirty] = useState(false);
  const [turn, setTurn] = useState(0);
  const tell = useRef(onDraft);
  tell.current = onDraft;
  const given = useRef(draft);
  given.current = draft;
  const taking = useRef(take);
  taking.current = take;

  useEffect(() => {
    const opened = files.current;
    return () => opened.forEach(each => each.dispose());
  }, []);

  useEffect(() => {
    setError(null);
    if (name === null) {
      return undefined;
    }
    let current = true;
    const known = files.current.get(name);
    const overwrite = () =>
      host.confirm({
        title: host.t('Replace “%1”?', name),
        body: host.t('Its file was changed elsewhere since it was opened here. What is there now would be lost.'),
        accept: host.t('Replace'),
        danger: true
      });
    const opening = known ? Promise.resolve(known) : WorkflowFile.open(backend, name, overwrite);
    let off: (() => void) | undefined;
    opening.then(
      opened => {
        if (!current) {
          return known ? undefined : opened.dispose();
        }
        files.current.set(name, opened);
        if (given.current && !opened.dirty) {
          put(opened, given.current);
        }
        off = opened.onChange(() => {
          tell.current(opened.dirty ? { draft: opened.text, workflow: name, etag: opened.base } : null);
          setDirty(opened.dirty);
        });
        setFile(opened);
        const left = opened.dirty || opened.readonly ? null : taking.current(name);
        if (left && left.draft !== opened.text) {
          opened.adopt(left);
          host.notify(host.t('“%1” goes on with the changes that weren’t saved in the output before.', name));
        }
      },
      (problem: Error) => current && setError(problem)
    );
    return () => {
      current = false;
      off?.();
    };
  }, [backend, host, name, turn]);

  // Python put another text there
  useEffect(() => {
    if (file && draft && file.name === name && draft.draft !== file.text) {
      put(file, draft);
    }
    // only when Python's word changes: what is typed here is told to Python a moment later
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [draft?.draft]);

  return { file, error, retry: useCallback(() => setTurn(n => n + 1), []) };
}

function put(file: WorkflowFile, draft: IDraft): void {
  if (draft.workflow === null) {
    file.edit(draft.draft);
  } else if (draft.workflow === file.name) {
    file.adopt(draft);
  }
}
