import { withoutHidden } from '../core/hidden.ts';

/**
 * As text or attribute value of XML and HTML. Characters that XML 1.0 has no place for become U+FFFD, and so do those that turn
 * the direction of writing or hide.
 */
export function escapeXml(text: string): string {
  return withoutHidden(text.replaceAll('\r\n', '\n'), '\uFFFD')
    .replace(/[\ufffe\uffff]/g, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
