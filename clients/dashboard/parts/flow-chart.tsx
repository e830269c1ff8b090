import { scaleTop, sumOf, type FlowMinute } from '../view/flow.ts';
import { clockText, numberText } from '../view/words.ts';
import { Mark } from './state.tsx';
import { useNow } from './time.tsx';

const height = 100;
const barWidth = 10;
const gap = 2;

/** Tasks that ended, minute by minute. */
export function FlowChart({ minutes }: { minutes: readonly FlowMinute[] }) {
  const now = useNow();
  const { completed, failed } = sumOf(minutes);
  const top = scaleTop(Math.max(...minutes.map((minute) => minute.completed + minute.failed)));
  const heightOf = (count: number) => (count / top) * height;
  const counts = `${numberText(completed)} completed, ${numberText(failed)} failed`;
  return (
    <figure class="flow">
      <div class="flow-plot">
        <svg
          viewBox={`0 0 ${minutes.length * barWidth} ${height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${counts} in the last hour`}
        >
          {[0, 0.5, 1].map((at) => (
            <line key={at} class="grid" x1="0" x2={minutes.length * barWidth} y1={height * at} y2={height * at} />
          ))}
          {minutes.map((minute, n) => {
            const x = n * barWidth + gap / 2;
            const width = barWidth - gap;
            const good = heightOf(minute.completed);
            const bad = heightOf(minute.failed);
            return (
              <g key={minute.minute}>
                <title>{minuteText(minute, now)}</title>
                <rect class="hover" x={n * barWidth} y="0" width={barWidth} height={height} />
                <rect class="completed" x={x} y={height - good} width={width} height={good} />
                <rect class="failed" x={x} y={height - good - bad} width={width} height={bad} />
              </g>
            );
          })}
        </svg>
        <span class="flow-top">{numberText(top)}</span>
      </div>
      <figcaption>
        <span class="state completed">
          <Mark status="completed" />
          completed {numberText(completed)}
        </span>
        <span class="state failed">
          <Mark status="failed" />
          failed {numberText(failed)}
        </span>
        <span class="quiet">60 min, one bar a minute</span>
      </figcaption>
    </figure>
  );
}

const minuteText = ({ minute, completed, failed }: FlowMinute, now: number) =>
  `${clockText(Date.parse(minute), now)}: ${numberText(completed)} completed, ${numberText(failed)} failed`;
