// Foreign text for tests of screens.

/** 200 strings that want to be markup, code, formats or layout. */
export function hostileStrings() {
  const seeds = [
    '<script>window.hacked=1</script>',
    '<img src=x onerror=window.hacked=1>',
    '"><svg onload=window.hacked=1>',
    'javascript:window.hacked=1',
    '{{constructor.constructor("window.hacked=1")()}}',
    '${window.hacked=1}',
    '</p></li><h1>big',
    '<style>*{display:none}</style>',
    '&lt;b&gt;',
    '<!--',
    ']]>',
    '\u202eoverride',
    '\u2066isolate',
    '\u200b\u200b\u200b',
    'a\u0300\u0301\u0302\u0303\u0304'.padEnd(80, '\u0335'),
    'W'.repeat(300),
    '😀'.repeat(60),
    '\u0000\u0001\u0008',
    '﷽'.repeat(8),
    'ⲊⲊ'.repeat(40),
    '../../etc/passwd',
    "'; DROP TABLE turns; --",
    '%s%n%x',
    '\\u003cscript\\u003e',
    '-->',
    '<iframe srcdoc="<script>top.hacked=1</script>">',
    '<a href="javascript:window.hacked=1">x</a>',
    '<math><mtext></form><form><mglyph><style></math><img src onerror=window.hacked=1>',
    'شرطة'.repeat(20),
    'ノ'.repeat(120),
  ];
  const list = [];
  for (let i = 0; list.length < 200; ++i) {
    const seed = seeds[i % seeds.length];
    list.push(
      i < seeds.length
        ? seed
        : i % 3 === 0
          ? seed + seeds[(i * 7) % seeds.length]
          : i % 3 === 1
            ? seed.split('').reverse().join('')
            : `x${seed}${i}`,
    );
  }
  return list;
}
