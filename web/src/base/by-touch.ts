/** Whether one types on the screen itself: there is no Shift to hold, and the keyboard covers half of what is shown. */
export const isByTouch = (): boolean => matchMedia('(hover: none) and (pointer: coarse)').matches;
