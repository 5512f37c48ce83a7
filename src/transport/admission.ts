import { createPaced } from './paced.ts';

/** Lets sockets in at a pace: a herd that comes back all at once must not hold up those who are there. */
export interface Admission {
  /** Runs `work`, the upgrade of one socket, in its turn. False where so many wait to be let in already that this one had better come back. */
  admit(work: () => void): boolean;
  /** Counts one that has said who it is, until the returned function is called: once. */
  entering(): () => void;
}

const UPGRADES_EACH_TURN = 32;

/** @param most how many may wait to be let in: for their upgrade, or for their session to be looked up */
export function createAdmission(most: number): Admission {
  const upgrades = createPaced(UPGRADES_EACH_TURN);
  let entering = 0;

  return {
    admit(work) {
      if (upgrades.waiting + entering >= most) return false;
      upgrades.run(work);
      return true;
    },
    entering() {
      entering += 1;
      let here = true;
      return () => {
        if (here) entering -= 1;
        here = false;
      };
    },
  };
}
