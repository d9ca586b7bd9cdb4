// Goal: each rule of the app's own logic is held by a test: broken once, at least one test is red.
// Method: a copy of web/ in which one rule at a time reads otherwise, and vitest over the tests of its
// area. Every rule must still stand in the source letter by letter, so that this list keeps up with it.
//   node tests/web/mutations.mjs [FILE_PART]    rules of files whose path has FILE_PART; default all
// Some four seconds a rule, two at a time. Exit status 1: a broken rule went unnoticed; 77: no vitest.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
if (!existsSync(join(root, 'web/node_modules/vitest'))) {
  console.log('skipped: npm --prefix web ci');
  process.exit(77);
}

/** By file: the rule, the source, and the source with the rule broken. */
const rules = {
  'editor/words.ts': [
    ['a word replaced by one word keeps its times', 'gone.length === 1 && made.length === 1', 'gone.length === 9 && made.length === 1'],
    ['such a word is certain', 's: only.s, e: only.e, x: 1,', 's: only.s, e: only.e,'],
    ['times are shared out by length', 'Math.max(1, token.trim().length)', '1'],
    ['interpolated times are marked', 'e: round(start + (span * done) / total), x: 1, i: 1', 'e: round(start + (span * done) / total), x: 1'],
    ['white space alone changes no word', "tokens.map((token) => token.trim())", 'tokens'],
    ['letters typed against a word belong to it', 'from -= word.length;\n    --head;', 'break;'],
    ['equal words are the same words', 'return sameWords(result, old) ? old : result;', 'return result;'],
    ['a no-break space belongs inside a word', "'[^\\\\S\\\\u00a0\\\\u202f\\\\u2007\\\\ufeff]'", "'\\\\s'"],
    ['scripts without spaces are split by character', 'UNSPACED_START.test(piece) ||', ''],
    ['no word is longer than the server takes', 'count === LIMITS.wordCharacters || bytes', 'bytes'],
  ],
  'editor/edits.ts': [
    ['a split cuts between words at the caret', '(offsets[index] as number) < offset) ++index', '(offsets[index] as number) <= offset) ++index'],
    ['a word is cut in time where its letters are', '((last.e - last.s) * inside) / letters', '(last.e - last.s) / 2'],
    ['a split turn ends no earlier than it starts', 'start, end: Math.max(start, whole.end)', 'start'],
    ['the second half is new to the server', 'id: madeId, rev: 0,', 'id: madeId,'],
    ['positions do not grow without end', 'pos.length <= POSITION_LONG', 'pos.length <= 100_000'],
    ['a join keeps within the words of a turn', 'before.words.length + turn.words.length > LIMITS.wordsPerTurn', 'false'],
    ['two Latin words do not grow together', "!/^\\s/.test(first.t) &&", 'false &&'],
    ['a join takes the speaker before', 'before.words.length > 0 ? before.speaker : turn.speaker', 'turn.speaker'],
    ['a join keeps both notes', '[before.note, turn.note]', '[before.note]'],
    ['a turn holds no more than the server takes', 'words.slice(0, LIMITS.wordsPerTurn)', 'words'],
    ['typing is compared with its beginning', 'retype(from ?? turn.words, text, turn)', 'retype(turn.words, text, turn)'],
    ['what others wrote under a composition stays', 'if (!now || now.words === shown.words) return', 'return'],
    ['a run ends where somebody else speaks', 'if (doc.turns.get(other)?.speaker !== speaker) break;', ''],
    ['speakers are limited', 'if (doc.speakers.size >= LIMITS.speakers) return doc;', ''],
    ['the least used colour comes next', '(used.get(candidate) ?? 0) < (used.get(color) ?? 0)', 'false'],
    ['joined speakers take their turns along', 'if (turn.speaker === from) put.push({ ...turn, speaker: into });', ''],
    ['an accepted word is certain', 'return { ...rest, x: 1 };', 'return rest;'],
    ['a fix keeps punctuation', 'word.t.replace(bare, () => wanted)', '` ${wanted}`'],
    ['a replacement is literal', 'word.t.replace(bare, () => wanted)', 'word.t.replace(bare, wanted)'],
    ['a fix takes whole words', 'if (bareWord(word.t) !== bare) return [word];', 'if (!word.t.includes(bare)) return [word];'],
    ['a turn ends no earlier than it starts', 'Math.max(start, times.end === undefined', 'Math.max(0, times.end === undefined'],
    ['times stay within the recording', 'Math.min(Math.max(0, seconds), doc.duration)', 'seconds'],
    ['a speaker keeps a name', '|| speaker.name;', ';'],
  ],
  'editor/history.ts': [
    ['typing without a pause is one step', 'time - last.time < TYPING_PAUSE_MS', 'false'],
    ['a pause begins another step', 'time - last.time < TYPING_PAUSE_MS', 'true'],
    ['a new edit ends what could be redone', 'done: done.slice(-ENTRIES_MAX), undone: []', 'done: done.slice(-ENTRIES_MAX), undone: history.undone'],
    ['the history is bounded', 'done.slice(-ENTRIES_MAX)', 'done'],
    ['undo leaves what others wrote', 'if (isNow(doc, from)) return put(doc, to);', 'return put(doc, to);'],
    ['undo can be undone', 'undone: [...history.undone, entry]', 'undone: history.undone'],
    ['redone steps do not join typing', "{ ...entry, tag: '' }", 'entry'],
    ['undo brings no word back twice', 'const to = withoutWordsElsewhere(doc, from, target);', 'const to = target;'],
    ['undo keeps the revisions of now', 'turn ? [{ ...turn, rev: doc.turns.get(id)?.rev ?? 0 }] : []', 'turn ? [turn] : []'],
    ['an edit that changes nothing is none', 'if (delta.before.turns.length === 0 && delta.before.speakers.length === 0) return history;', ''],
  ],
  'editor/merge.ts': [
    ['both texts of a conflict are marked', 'if (item.word) items[place] = { ...item, word: dispute(item.word) };', ''],
    ['the same edit of both is taken once', 'return item.turn === other.turn && item.word?.t.trim() === other.word?.t.trim();', 'return false;'],
    ['a removed turn comes back when somebody wrote in it', 'return words > 0 && (hunk.to === base.length', 'return false && (hunk.to === base.length'],
    ['both notes are kept', "[theirs.note, mine.note].filter", '[theirs.note].filter'],
    ['both names are kept', 'clipBytes(`${t.name} / ${m.name}`, LIMITS.nameBytes)', 't.name'],
    ['a speaker who is needed stays', '|| used.has(id))) {', ')) {'],
    ['untouched turns stay the same', 'return known && sameTurn(known, placed) ? known : placed;', 'return { ...placed };'],
    ['a turn encloses its words', 'Math.min(turn.start, words[0]?.s ?? turn.start)', 'turn.start'],
    ['a merged turn ends no earlier than it starts', 'Math.max(start, turn.end,', 'Math.max(turn.end,'],
    ['a settled word is no longer disputed', 'const { p: _, ...certain } = word;\n      return [certain];', 'return [word];'],
    ['settling drops the other text', 'if (drop.has(name(word))) return [];', ''],
    ['the side that changed is taken', 'return mine === base ? theirs : mine;', 'return theirs;'],
    ['an element put in by both is one', 'return items.filter((item) => !seen.has(item.key) && seen.add(item.key));', 'return [...items];'],
    ['repeated words are told apart', 'count === 0 ? name : `${name}${BREAK}${count}`', 'name'],
  ],
  'editor/sequence.ts': [
    ['both texts of a clash are kept', "if (rules.onClash === 'both') items.push(...textB);", ''],
    ['an undo does not double text', "if (rules.onClash === 'both') items.push(...textB);", 'items.push(...textB);'],
    ['two insertions at one place clash', 'if (emptyA && emptyB) return a.from === b.from;', 'if (emptyA && emptyB) return false;'],
    ['overlapping changes clash', 'if (a.from < b.to && b.from < a.to) return true;', ''],
    ['an insertion comes before a removal', 'return a.to <= b.to;', 'return a.to > b.to;'],
    ['clashes are reported', 'clashes.push({', 'void ({'],
  ],
  'editor/sync.ts': [
    ['the answer of a change is asked for first', "if (state.underway) return { state, request: { kind: 'change', body: state.underway } };", ''],
    ['news are read before a change is sent', 'state.known > state.base.revision', 'false'],
    ['a revision counts only when nothing is between', 'answer.revision === state.base.revision + 1', 'true'],
    ['one’s own words are no conflict', 'return own.length > 0 ? acknowledge(state.base, own, () => 0) : state.base;', 'return state.base;'],
    ['a document made anew is read whole', "if (delta.revision < state.base.revision) return { ...state, pull: 'load' };", ''],
    ['conflicts without a reason lead to reading all', "stuck > 2 ? 'load' : 'since'", "'since'"],
    ['what was refused is not sent again as it is', 'if (state.refused) return { state, request: null };', ''],
    ['an edit tries again what was refused', '{ ...state, local, refused: null }', '{ ...state, local }'],
    ['a removed turn is removed on the server', "if (!local.turns.has(id)) changes.push({ op: 'delete_turn', if_rev: known.rev, id });", ''],
    ['a removed speaker is removed on the server', "if (!local.speakers.has(id)) changes.push({ op: 'delete_speaker', if_rev: known.rev, id });", ''],
    ['a call keeps to the changes that the server takes', 'call.length === LIMITS.changesPerCall ||', ''],
    ['a call keeps to the words that the server takes', '(words > LIMITS.wordsPerCall && call.length > 0)', 'false'],
    ['too far behind, everything is read', "export function onGone(state: SyncState): SyncState {\n  return { ...state, pull: 'load' };", 'export function onGone(state: SyncState): SyncState {\n  return state;'],
    ['an older revision is no news', 'revision > state.known ?', 'revision !== state.known ?'],
  ],
  'editor/time.ts': [
    ['a word sounds from its very start', 'if (value(middle) <= wanted) low', 'if (value(middle) < wanted) low'],
    ['starts never fall back', 'latest = Math.max(latest, turn.start);', 'latest = turn.start;'],
    ['nothing sounds before the first', 'return low - 1;', 'return Math.max(0, low - 1);'],
    ['hours are told', 'hours > 0 ? `${hours}:${rest}`', 'hours > 99 ? `${hours}:${rest}`'],
    ['tenths are told', '(tenths ? `.${whole % 10}` : \'\')', "''"],
    ['minutes have two digits after hours', 'Math.floor(all / 60) % 60', 'Math.floor(all / 60)'],
    ['units are read', 'Number(units[1] ?? 0) * 3600', 'Number(units[1] ?? 0) * 60'],
    ['no more than three parts are a time', '(?::\\d{1,2}){0,2}', '(?::\\d{1,2}){0,9}'],
    ['a comma is a decimal point', ".replace(',', '.')", ''],
  ],
  'editor/position.ts': [
    ['no room is said', 'if (high !== null && a >= high) return null;', ''],
    ['a position does not end in zero', 'if (to - from === 1) return prefix + above(a, index + 1);', 'if (to - from === 1) return `${prefix}0`;'],
    ['what is in order stays', 'kept[index] ? position : null', 'index === 0 ? position : null'],
    ['a neighbour moves on when there is no room', 'result[next] = null;', 'result[index] = low; break;'],
  ],
  'editor/find.ts': [
    ['a query is literal', ".replace(/[.*+?^${}()|[\\]\\\\/]/g, '\\\\$&')", ''],
    ['case matters on demand', "options.matchCase ? 'gu' : 'giu'", "'giu'"],
    ['whole words on demand', 'options.wholeWord ? [', 'false ? ['],
    ['a replacement is literal', 'text.replace(wanted, () => replacement)', 'text.replace(wanted, replacement)'],
    ['any white space matches', ".replace(/\\s+/g, '\\\\s+')", ''],
    ['a replacement keeps within the words of a turn', '|| words.length > LIMITS.wordsPerTurn ?', '?'],
    ['matches are bounded', 'if (matches.length >= MATCHES_MAX) return matches;', ''],
  ],
  'editor/doubt.ts': [
    ['people are certain', 'word.x === 1 || word.p === undefined', 'word.p === undefined'],
    ['a disagreement is a doubt', 'if (isDisputed(word)) return 4;', ''],
    ['0.6 is certain', 'word.p >= DOUBT_LEVELS[0]) return 0', 'word.p > DOUBT_LEVELS[0]) return 0'],
    ['the walk goes back too', 'row += step', 'row += 1'],
  ],
  'editor/keymap.ts': [
    ['letters are text while typing', '(!typing && page.includes(wanted))', 'page.includes(wanted)'],
    ['Command is Control', '(event.ctrlKey || event.metaKey)', 'event.ctrlKey'],
    ['Shift is in a sign already', '(!letter || /^[\\p{L}\\p{N}]$/u.test(key))', 'true'],
    ['a double press has to be quick', 'now - last.time <= DOUBLE_MS', 'true'],
    ['the key counts, not its letter, with Alt', 'if (event.altKey && digit)', 'if (false && digit)'],
    ['a kept key map is read with care', "typeof chord === 'string' && chord.length <= 40", "typeof chord === 'string'"],
  ],
  'editor/model.ts': [
    ['control characters are dropped', ".replace(/[\\u0000-\\u0008\\u000b-\\u001f\\u007f]/g, '')", ''],
    ['halves of characters are replaced', ".replace(/\\p{Surrogate}/gu, '\\ufffd')", ''],
    ['text is cut between code points', 'if (used > bytes) break;', 'if (used >= bytes) break;'],
    ['turns are in order', 'if (a.pos !== b.pos) return a.pos < b.pos ? -1 : 1;', 'if (a.pos !== b.pos) return a.pos > b.pos ? -1 : 1;'],
    ['a moved turn is in its new place', 'order: moved ? sortedIds(turns) : doc.order', 'order: doc.order'],
    ['a time is part of a turn', 'if (a.start !== b.start || a.end !== b.end || a.words', 'if (a.words'],
    ['a caret at a word is at that word', 'if ((offsets[middle] as number) <= offset) low', 'if ((offsets[middle] as number) < offset) low'],
  ],
  'editor/compare.ts': [
    ['words keep their order', 'find((candidate) => candidate >= i)', 'find(() => true)'],
    ['the end is compared', '  close(a.words.length, b.words.length);', ''],
  ],
  'editor/passage.ts': [
    ['who goes on is not named again', 'if (paragraphs.length > 0 && turn.speaker === last)', 'if (false)'],
    ['a turn without words is no paragraph', "if (text === '') continue;", ''],
    ['nobody has no name', "name === '' ? text : ", ''],
    ['the link is to the first second', 'link(first.at)', 'link(0)'],
    ['white space is one space', "${text.replace(/\\s+/g, ' ').trim()}", '${text.trim()}'],
    ['white space is one space in the whole as well', "turnText(turn).replace(/\\s+/g, ' ')", 'turnText(turn)'],
  ],
  'editor/session.ts': [
    ['the id is on disk before the server sees the change', "if (next.request.kind === 'change') await this.storeNow();", ''],
    ['long typing is saved in between', 'Math.min(SAVE_AFTER_MS, this.firstUnsaved + SAVE_WITHIN_MS - now)', 'SAVE_AFTER_MS'],
    ['without an answer it tries again', 'this.saveTimer = setTimeout(() => void this.pump(), wait);\n      return false;', 'return false;'],
    ['it says so when the browser keeps nothing', 'this.setKeeps(false);', ''],
    ['unsaved work is kept whatever its age', '&& !scope.pending).sort', ').sort'],
    ['unsaved work of this recording is rescued', 'rescue: rest.filter((scope) => scope.pending)', 'rescue: []'],
    ['own tab first', 'scope.id === own ? 4 : 0', 'scope.id === own ? 0 : 0'],
  ],
  'screens/library/group.ts': [
    ['days are calendar days', 'startOfDay(now).getTime() - startOfDay(time).getTime()', 'now.getTime() - time.getTime()'],
    ['days of 25 hours count as one', 'Math.round((startOfDay', 'Math.ceil((startOfDay'],
    ['a week begins where the reader’s does', 'now.getDay() || 7) - weekStart', 'now.getDay() || 7) - 1'],
  ],
  'i18n/format.ts': [
    ['seconds have two digits', "String(whole % 60).padStart(2, '0')", 'String(whole % 60)'],
    ['hours are told', 'return h > 0 ?', 'return h > 99 ?'],
    ['sizes are powers of 1,000', 'value >= 1000 &&', 'value >= 1024 &&'],
    ['an hour is 60 minutes', "if (minutes < 60) return unit(minutes, 'minute');", "if (minutes < 90) return unit(minutes, 'minute');"],
    ['the largest unit that fits', 'if (Math.abs(seconds) >= size)', 'if (Math.abs(seconds) > size * 2)'],
  ],
  'i18n/messages.ts': [
    ['the plural goes by the count', "rule === 'one' ? message.one : message.other", 'message.other'],
    ['a value is not read for placeholders', 'if (value === undefined) return whole;', "if (value === undefined) return '';"],
    ['numbers are written as the reader does', 'new Intl.NumberFormat(locale).format(value)', 'String(value)'],
  ],
  'transcript/exportOptions.ts': [
    ['the machine’s text is not exported by habit', 'original: false,\n    rules:', 'original: all.original === true,\n    rules:'],
    ['reading speed belongs to balanced lines', "options.rules === 'balanced' && options.speed", 'options.speed'],
    ['subtitle options are for subtitles', 'if (!SUBTITLES.includes(options.format)) return query;', ''],
    ['times are left out on demand', 'PARAGRAPHS.includes(options.format) && !options.times', 'false'],
    ['an emptied field is no option', "if (options.width !== '')", 'if (true)'],
    ['what was kept is read with care', '/^[a-z]{2,8}$/.test(all.format)', 'true'],
    ['numbers are numbers', "text.replace(/\\D/g, '')", 'text'],
    ['names are left out on demand', "if (!options.speakers) query.speakers = 'false';", ''],
    ['names are there unless they are not wanted', 'all.speakers !== false', 'all.speakers === true'],
    ['the person’s own format comes once', 'QUICK.filter((name) => name !== own)', 'QUICK'],
  ],
  'screens/admin/quota.ts': [
    ['no limit of one’s own is as everybody', "{ kind: 'everybody', gigabytes", "{ kind: 'none', gigabytes"],
    ['no limit is 0', "if (kind === 'none') return 0;", "if (kind === 'none') return null;"],
    ['as everybody is null', "if (kind === 'everybody') return null;", "if (kind === 'everybody') return 0;"],
    ['a limit is never none', 'Math.max(1, ', '('],
  ],
  'screens/library/suggest.ts': [
    ['the whole of what was typed is no suggestion', 'folded !== typed && ', ''],
    ['marks and case do not matter', ".replace(/\\p{M}/gu, '').toLocaleLowerCase()", ''],
    ['words begin like what was typed', 'word.startsWith(typed)', 'word === typed'],
    ['names of machines say nothing', 'known.speakers.filter(isNamed)', 'known.speakers'],
    ['nothing typed: what was looked for last', "if (wanted !== '') {", '{'],
    ['no more than fit', 'return found.slice(0, shownMax);', 'return found;'],
    ['none twice', 'fold(one) !== fold(wanted)', 'true'],
    ['a letter is no search', 'if (wanted.length < 2) return;', ''],
  ],
  'screens/admin/metrics.ts': [
    ['series of a name are one figure', '(sums.get(name) ?? 0) + value', 'value'],
    ['what is no number is no figure', 'if (Number.isFinite(value)) ', ''],
    ['old samples go', '.slice(-SAMPLES_MAX)', ''],
    ['a new start is no negative rate', '|| to < from)', ')'],
    ['no rate without time', '|| at <= before.at', ''],
    ['rates are of a second', '* 1_000) /', ') /'],
    ['a gap breaks the line', 'drawing = false;\n      return;', 'return;'],
    ['the first minute fills the box', 'Math.max(SLOTS_MIN, values.length)', 'SAMPLES_MAX'],
    ['no point beyond the scale', 'Math.min(value, top)', 'value'],
    ['a scale holds all values', '.find((end) => end >= most)', '.find((end) => end > 0)'],
    ['a scale has a least end', 'Math.max(least, ...', 'Math.max(0.01, ...'],
  ],
  'screens/job/logLines.ts': [
    ['what is no line is passed over', 'if (!found) continue;', "if (!found) { lines.push({ time: '', level: 'info', text: line }); continue; }"],
    ['a level is a text', "typeof data.level === 'string' ? data.level : 'info'", "'info'"],
    ['a place is told', 'return (typeof said', "return '' + (typeof said === 'string' ? said : type) || (typeof said"],
    ['what is no JSON is shown', 'data = { message: json };', ''],
  ],
  'uploads/options.ts': [
    ['no term twice', '[...new Set(all)]', 'all'],
    ['no more terms than the server takes', '.slice(0, termsMax)', ''],
    ['no term longer than the server takes', '.slice(0, termCharactersMax)', ''],
    ['the server’s defaults are left to it', "if (options.language) fields.language", 'fields.language'],
    ['a named language is not detected anew', 'options.multilingual && !options.language', 'options.multilingual'],
    ['nobody is counted who is not told apart', 'options.speakers && options.speakerCount', 'options.speakerCount'],
    ['people are counted within reason', 'count >= 1 && count <= speakersMax', 'true'],
    ['words are separated by commas', "options.vocabulary.join(', ')", "options.vocabulary.join(' ')"],
  ],
  'uploads/probe.ts': [
    ['the end of a file counts', 'Math.max(0, file.size - piece)', '0'],
    ['the size of a file counts', '`${file.size}-${', '`${'],
    ['the unknown is not refused', "return 'unknown';", "return 'other';"],
  ],
  'api/live.ts': [
    ['an earlier attempt is over', 'if (attempt < live.attempt) return live;', ''],
    ['a repeated segment is one', 'other.id !== id)', 'true)'],
    ['a full bar means done', 'Math.min(99.9,', 'Math.min(100,'],
    ['a late list sets nothing back', 'if ((known.seconds_done ?? 0) <= (job.seconds_done ?? 0)) return job;', ''],
    ['an ended job is left alone', "isEnded(job.status) || job.status === 'queued') return job;", 'isEnded(job.status)) return job;'],
  ],
  'api/search.ts': [
    ['highlights count code points', "[...(match.text ?? '')]", "(match.text ?? '').split('')"],
    ['overlapping highlights double nothing', 'at = Math.max(at, to);', 'at = to;'],
    ['words that stand together are looked for together', '/^\\s+$/.test', '/^$/.test'],
  ],
  'api/details.ts': [
    ['no tag twice', '!kept.includes(tag)', 'true'],
    ['no more tags than the server takes', '.slice(0, tagsMax)', ''],
    ['a title goes before the file', "job?.title || job?.filename", "job?.filename || job?.title"],
  ],
};

function makeCopy() {
  const folder = mkdtempSync(join(tmpdir(), 'wt-mutations-'));
  mkdirSync(join(folder, 'web'));
  for (const name of ['src', 'package.json', 'tsconfig.json', 'vitest.config.ts']) cpSync(join(root, 'web', name), join(folder, 'web', name), { recursive: true });
  symlinkSync(join(root, 'web/node_modules'), join(folder, 'web/node_modules'));
  return folder;
}

/** The exit status of the tests that the arguments choose. */
function runTests(folder, ...which) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--bail', '1', '--reporter', 'dot', '--pool', 'threads', '--no-isolate', '--no-file-parallelism', ...which], {
      cwd: join(folder, 'web'),
      // Some seeds of the property test find nearly all; clocks that change, as in logic_test.sh.
      env: { ...process.env, VITE_SEEDS: '3', TZ: 'Europe/Berlin' },
      stdio: 'ignore',
    });
    // A broken rule may also never end.
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

const part = process.argv[2] ?? '';
const waiting = Object.entries(rules)
  .filter(([file]) => file.includes(part))
  .flatMap(([file, list]) => list.map(([rule, from, to]) => ({ file, rule, from, to })));
const count = waiting.length;
let unnoticed = 0;

/** Whether a test of the area is red: the quick ones first, the random one where they are not. */
async function noticed(folder, area) {
  if ((await runTests(folder, area, '--exclude', '**/*_property.test.ts')) !== 0) return true;
  return area.includes('editor') && (await runTests(folder, 'src/editor/sync_property')) !== 0;
}

function report(fault) {
  ++unnoticed;
  console.error(`NOT NOTICED: ${fault}`);
}

async function work() {
  const folder = makeCopy();
  try {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { file, rule, from, to } = next;
      const path = join(folder, 'web/src', file);
      const source = readFileSync(path, 'utf8');
      if (source.split(from).length !== 2) {
        report(`${file}: "${rule}" stands ${source.split(from).length - 1} times: ${from}`);
        continue;
      }
      writeFileSync(path, source.replace(from, () => to));
      const area = `src/${file.split('/').slice(0, -1).join('/')}/`;
      if (!(await noticed(folder, area))) report(`${file}: ${rule}`);
      writeFileSync(path, source);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
await Promise.all([work(), work()]);
console.log(`${count} rules broken, ${unnoticed} unnoticed`);
process.exit(unnoticed === 0 ? 0 : 1);
