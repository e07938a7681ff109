/** Form with a year, and with a month and a day or the day of the year. */
const FORM = /^(?=.*%[yY])(?=.*(%-?j|%-?d.*%-?[mbB]|%-?[mbB].*%-?d)).*$/;

/** Tells whether days, or times, can be read in a form such as `%d/%m/%Y`. */
export const isTimeForm = (text: string): boolean => FORM.test(text);
