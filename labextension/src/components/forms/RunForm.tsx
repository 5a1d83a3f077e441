/** The form that runs a Function or workflow: made from what it takes. */
import { ArrowLeft } from 'lucide-react';
import type { IGiven } from '../../model/host';
import { useAnswer } from '../answers';
import { useT } from '../surroundings';
import { IconButton, KindIcon, Loading, Problem } from '../ui';
import { Form } from './Form';
import { useTarget } from './target';

interface IRunFormProps {
  target: string;
  given?: IGiven;
  onDone?(run: string | null): void;
}

export function RunForm({ target, given, onDone = () => undefined }: IRunFormProps) {
  const t = useT();
  const { found, error, retry } = useTarget(target);
  const artifacts = useAnswer('artifacts.list', {});
  const ready = found !== null && (artifacts.value !== null || artifacts.error !== null);
  return (
    <section className="jmo-form" aria-label={t('Run %1', target)}>
      <header className="jmo-form-head">
        <IconButton icon={ArrowLeft} label={t('Back')} onClick={() => onDone(null)} />
        {found ? <KindIcon kind={found.kind} small /> : null}
        <h2 className="jmo-title jmo-clip" title={target}>
          {target}
        </h2>
        {given?.rerun ? <span className="jmo-tag">{t('Re-run')}</span> : null}
      </header>
      {error ? (
        <Problem error={error} retry={retry} />
      ) : ready ? (
        <Form target={found} given={given} groups={artifacts.value?.groups ?? []} onDone={onDone} />
      ) : (
        <Loading />
      )}
    </section>
  );
}
