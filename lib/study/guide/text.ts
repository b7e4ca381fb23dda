/** The languages of the guide. */
export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

/** A text in each of them. */
export interface Text { readonly en: string; readonly zh: string }
