import { summary, type IChartSeries } from '../../model/charts/series';
import { number } from '../../model/format';
import { useT } from '../surroundings';

/** The chart in words, for who can't see it. */
export function Summary({ title, series }: { title: string; series: readonly IChartSeries[] }) {
  const t = useT();
  return (
    <table className="jmo-sr" aria-label={title}>
      <thead>
        <tr>
          {[t('Run'), t('First'), t('Last'), t('Lowest'), t('Highest'), t('Points')].map(word => (
            <th key={word} scope="col">
              {word}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {series.map(one => {
          const said = summary(one.points);
          return (
            <tr key={one.run}>
              <th scope="row">{one.name}</th>
              {said ? (
                [said.first, said.last, said.min, said.max].map((value, at) => <td key={at}>{number(value)}</td>)
              ) : (
                <td colSpan={4} />
              )}
              <td>{one.total}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
