import type { Said } from './claim.ts';

/*
 * What a figure of the H3C white paper "容器技术白皮书" (6W100) and the text around it say. The pictures themselves are
 * not in the text. Nothing in the simulator reads this but what compares it with a run, after the run.
 */

/**
 * Whose tables a statement speaks of: Comware's own, the kernel of Comware's namespace, the host's namespace, `container`
 * for a container that shares Comware's namespace, or one with a namespace of its own by its name.
 */
export type Holder = 'comware' | 'kernel' | 'host' | 'container' | 'container1' | 'container2' | 'container3';

/** An interface, and the address it has. */
export interface FigureInterface extends Said {
  readonly of: Holder;
  readonly name: string;
  /** With its prefix length where the paper gives one; `none`, or undefined where it says nothing. */
  readonly address: string | undefined;
  /** The interface of Comware that an interface of the kernel stands for. */
  readonly pairsWith?: string;
}

/** A route of a table. */
export interface FigureRoute extends Said {
  readonly of: Holder;
  /** `default`, a prefix, or undefined where the paper names none. */
  readonly destination: string | undefined;
  readonly device: string;
  readonly gateway?: string;
  readonly source?: string;
}

/** A box or an interface that a step names, in the words of the figure. */
export interface FigureStation {
  /** What the run calls it: a component, a bridge's title, or a device's name; a pattern for eth1 and physical ports. */
  readonly what: string | RegExp;
  /** Whose it is; undefined for the bridge between two. */
  readonly role: 'container' | 'comware' | 'host' | undefined;
  /** How the figure calls it. */
  readonly label: string;
}

export interface FigureStep extends Said {
  /** Its number in the text, or a letter where the reverse is only said to be "similar". */
  readonly number: string;
  /** One way through, or several of which the packet takes one ("if supported ... else ..."). */
  readonly ways: readonly (readonly FigureStation[])[];
  /** Whose application the sentence speaks of, where that is not whose the figure shows. */
  readonly literally?: 'container';
  /** The step applies only when the step before took this way (counted from 0). */
  readonly onlyAfterWay?: number;
}

/**
 * Between whom a packet goes, seen from a device: a container that shares Comware's namespace or has one of its own,
 * the host, Comware itself, or what lies outside, on a link of Comware's or beyond.
 */
export type Party = 'shared' | 'separate' | 'host' | 'comware' | 'on-link' | 'off-link';

export interface FigureFlow {
  readonly id: string;
  readonly figure: number;
  readonly title: string;
  readonly from: readonly Party[];
  readonly to: readonly Party[];
  readonly request: readonly FigureStep[];
  readonly reply: readonly FigureStep[];
}

/** A sentence about something else than interfaces, routes and steps. */
export interface FigureStatement extends Said {
  readonly id: string;
  readonly kind: 'namespace' | 'bridge' | 'address' | 'nat' | 'command' | 'flow';
}

export interface Figure {
  readonly number: number;
  readonly section: string;
  /** The caption, in Chinese. */
  readonly caption: string;
  readonly title: string;
  readonly interfaces: readonly FigureInterface[];
  readonly routes: readonly FigureRoute[];
  readonly statements: readonly FigureStatement[];
  readonly flows: readonly FigureFlow[];
}
