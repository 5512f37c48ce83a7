const LENGTHS = ['middle', 'long', 'short', 'long', 'middle', 'short'] as const;

/** Shapes of what is about to come: a picture and a line or two beside it. */
export function Bones(props: {
  readonly count: number;
  /** What each of them is to be: a list has nothing but items in it. */
  readonly as: 'li' | 'div';
  readonly className?: string;
  readonly twoLines?: boolean;
}) {
  const Shape = props.as;
  return Array.from({ length: props.count }, (_, at) => `${at}`).map((key) => (
    <Shape key={key} className={`bone ${LENGTHS[Number(key) % LENGTHS.length]} ${props.className ?? ''}`} aria-hidden="true">
      <span />
      <span />
      {props.twoLines && <span />}
    </Shape>
  ));
}
