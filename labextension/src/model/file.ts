/** The text of a workflow that an editor is bound to: a document of Lab, or a workflow that is fetched and saved by operations. */
export interface IWorkflowFile {
  /** The workflow's name. */
  readonly name: string;
  readonly text: string;
  /** Replace the text; it becomes dirty. */
  edit(text: string): void;
  /** Whether its text is still on its way. */
  readonly loading?: boolean;
  /** Whether it can't be changed, as of a snapshot. */
  readonly readonly: boolean;
  readonly dirty: boolean;
  /** Write it; rejects with what went wrong. Lab asks by itself what to do when the file changed on disk. */
  save(): Promise<void>;
  /** Say that something was written that isn't in the text (yet), or that this is over: it isn't to be lost unasked. */
  hold?(unfinished: boolean): void;
  /** Hear of changes of the text, from here or from outside, and of `dirty`. */
  onChange(listener: () => void): () => void;
}
