import type { Mail } from '../../../ports/network/mailer.js';
import { cutTo, escapeHtml, oneLine } from '../notices/escapes.js';
import { type Notice, templateData } from '../notices/notice.js';
import { renderTemplate } from '../notices/template.js';
import type { Attached } from './attachments.js';
import type { EmailConfig } from './email-config.js';

const LONGEST_SUBJECT = 200;
const LONGEST_TEXT = 256 * 1024;

/** A notice as a mail. Headers are one line each, whatever the data says. */
export const mailOf = (
  { from, to, subject, body }: EmailConfig,
  notice: Notice,
  { attachments, leftOut }: Attached,
): Mail => {
  const data = templateData(notice);
  const title = subject === undefined ? `[pond] ${notice.title}` : renderTemplate(subject, data);
  const written = body === undefined ? notice.text : renderTemplate(body, data);
  const text = cutTo(LONGEST_TEXT, [written, ...(leftOut.length === 0 ? [] : ['', ...leftOut])].join('\n'));
  return {
    from,
    to,
    subject: cutTo(LONGEST_SUBJECT, oneLine(title)),
    text: `${text}\n`,
    html: htmlOf(notice.title, text),
    // The same for every attempt, since the notice's id is.
    messageId: `<${notice.id}@${domainOf(from)}>`,
    date: Date.parse(notice.timestamp),
    // Nobody's holiday notice answers it.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Pond-Notice': `${notice.type} ${notice.id}` },
    attachments,
  };
};

const domainOf = (from: string): string => {
  const host = from.slice(from.lastIndexOf('@') + 1).replace(/>$/, '');
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : 'localhost';
};

const htmlOf = (title: string, text: string): string =>
  [
    '<!doctype html>',
    `<html><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head><body>`,
    ...text
      .split(/\n{2,}/)
      .map((paragraph) => `<p>${escapeHtml(paragraph.trim()).replaceAll('\n', '<br>\n')}</p>`),
    '</body></html>',
    '',
  ].join('\n');
