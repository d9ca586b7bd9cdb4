import { Fragment, type ReactNode } from 'react';

/** What is known of a thing, in one line: each fact keeps its order among words of the other direction. */
export function FactLine({ facts }: { facts: ReactNode[] }) {
  return facts.filter(Boolean).map((fact, index) => (
    // The facts of a line are always the same ones in the same order.
    <Fragment key={index}>
      {index > 0 ? ' · ' : null}
      <bdi>{fact}</bdi>
    </Fragment>
  ));
}
