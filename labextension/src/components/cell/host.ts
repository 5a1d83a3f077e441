/** A cell as host: it walks inside itself, and asks and tells inside itself. */
import { Bell } from '../../model/bell';
import type { IGiven, IHost } from '../../model/host';
import type { IOuter } from '../../model/panel/frame';
import type { Stop } from '../../model/panel/trail';

export interface IQuestion {
  title: string;
  body?: string;
  accept: string;
  danger?: boolean;
  /** Of a question for a line of text. */
  field?: { label: string; value: string; check?(text: string): string | null };
  answer(text: string | null): void;
}

export interface INote {
  id: number;
  message: string;
  kind: 'info' | 'success' | 'error';
}

export interface ICellHooks {
  go(to: Stop): void;
  chosen(runs: string[]): void;
}

export class CellHost implements IHost {
  readonly place = 'cell';
  readonly changed = new Bell<void>();
  questions: IQuestion[] = [];
  notes: INote[] = [];

  constructor(
    private readonly hooks: ICellHooks,
    private readonly outer: IOuter = {}
  ) {}

  get openFile(): IHost['openFile'] {
    return this.outer.openFile ?? null;
  }

  get render(): IHost['render'] {
    return this.outer.render ?? null;
  }

  openRuns = (query?: string): void => this.hooks.go({ view: 'runs', target: query ? [query] : [] });
  openRun = (run: string): void => this.hooks.go({ view: 'run', target: [run] });
  openComparison = (runs: string[]): void => this.hooks.go({ view: 'compare', target: runs });
  openWorkflow = (name: string): void => this.hooks.go({ view: 'workflow', target: [name] });
  openArtifact = (uid: string): void => this.hooks.go({ view: 'artifact', target: [uid] });
  openForm = (target: string, given?: IGiven): void => this.hooks.go({ view: 'form', target: [target], given });
  onChosen = (runs: string[]): void => this.hooks.chosen(runs);

  confirm(question: { title: string; body: string; accept: string; danger?: boolean }): Promise<boolean> {
    return this.put(question).then(answer => answer !== null);
  }

  ask(question: {
    title: string;
    label: string;
    value?: string;
    accept: string;
    check?(text: string): string | null;
  }): Promise<string | null> {
    const { title, accept, label, value = '', check } = question;
    return this.put({ title, accept, field: { label, value, check } });
  }

  notify = (message: string, kind: INote['kind'] = 'info'): void => {
    const id = (this.count += 1);
    this.notes = [...this.notes, { id, message, kind }].slice(-3);
    this.changed.ring();
    setTimeout(() => this.dismiss(id), kind === 'error' ? 10_000 : 4_000);
  };

  dismiss(id: number): void {
    this.notes = this.notes.filter(note => note.id !== id);
    this.changed.ring();
  }

  t = (text: string, ...args: (string | number)[]): string =>
    this.outer.t?.(text, ...args) ?? text.replace(/%(\d)/g, (_, at: string) => String(args[Number(at) - 1]));

  private put(question: Omit<IQuestion, 'answer'>): Promise<string | null> {
    return new Promise(resolve => {
      const asked: IQuestion = {
        ...question,
        answer: text => {
          this.questions = this.questions.filter(each => each !== asked);
          this.changed.ring();
          resolve(text);
        }
      };
      this.questions = [...this.questions, asked];
      this.changed.ring();
    });
  }

  private count = 0;
}
