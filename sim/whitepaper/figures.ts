import { FIGURE_6 } from './data/figure-6.ts';
import { FIGURE_7 } from './data/figure-7.ts';
import { FIGURE_8 } from './data/figure-8.ts';
import { FIGURE_9 } from './data/figure-9.ts';
import { FIGURE_10 } from './data/figure-10.ts';
import { FIGURE_11 } from './data/figure-11.ts';
import { FIGURE_12 } from './data/figure-12.ts';
import { FIGURE_13 } from './data/figure-13.ts';
import { FIGURE_14 } from './data/figure-14.ts';
import { FIGURE_16 } from './data/figure-16.ts';
import { FIGURE_17 } from './data/figure-17.ts';
import { FIGURE_18 } from './data/figure-18.ts';
import type { Figure, FigureFlow } from './figure.ts';

/** The figures about networks; figure 15 shows Kubernetes and has neither interfaces nor steps. */
export const FIGURES: readonly Figure[] = [
  ...[FIGURE_6, FIGURE_7, FIGURE_8],
  ...[FIGURE_9, FIGURE_10, FIGURE_11],
  ...[FIGURE_12, FIGURE_13, FIGURE_14],
  ...[FIGURE_16, FIGURE_17, FIGURE_18],
];

export const FIGURE_FLOWS: readonly FigureFlow[] = FIGURES.flatMap((figure) => figure.flows);
