/** As text or attribute value of XML and HTML; characters that XML 1.0 has no place for become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(NO_XML, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** XML 1.0, production 2 (Char): everything else; lone surrogates too. */
const NO_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
