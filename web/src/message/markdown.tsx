import { Lexer, type MarkedToken, type Token, type Tokens } from 'marked';
import { createElement, Fragment, type ReactElement, type ReactNode } from 'react';

/** Someone a text may mention. */
export interface Mentioned {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
}

/** What a text is drawn with. */
interface Setting {
  readonly mentions: readonly Mentioned[];
  readonly meId: string;
}

/** How deep lists and quotes may lie in each other; what lies deeper is shown as it was typed. */
const DEEPEST = 8;

/**
 * Markdown by strangers as React elements: a subset in which nothing can run, load or leave the page by itself. HTML is shown as text, pictures as
 * links; what the lexer cannot cope with is shown as it was typed.
 */
export function Markdown({ text, ...setting }: { readonly text: string } & Setting) {
  return blocks(lexed(tamed(text)), setting, 0);
}

/** No script puts so many marks on one letter. Those beyond are left out: where there are thousands, browsers lay them out for minutes. */
const tamed = (text: string): string => text.replace(/(\p{M}{16})\p{M}+/gu, '$1');

const newLexer = () => new Lexer({ gfm: true, breaks: true });

function lexed(text: string): Token[] {
  try {
    return newLexer().lex(text);
  } catch {
    // Thousands of quotes in each other are more than its stack holds.
    return [{ type: 'text', raw: text, text }];
  }
}

function blocks(tokens: readonly Token[], setting: Setting, depth: number): ReactNode {
  return inOrder(tokens.map((token) => block(token as MarkedToken, setting, depth)));
}

/** What has the browser make ready what texts are read with: the first one takes it long. In two steps, each of which is short enough. */
export const preparations: readonly (() => unknown)[] = [
  () => newLexer().blockTokens('A line', []),
  () => newLexer().inlineTokens('A *word*, **two** and `three`'),
];

/** The parts of a text one after the other. Another text is drawn anew, so none of them needs a name to be known by. */
const inOrder = (
  parts: readonly ReactNode[],
  around: 'ol' | 'ul' | 'tr' | 'tbody' | typeof Fragment = Fragment,
  props?: object,
) => createElement(around, props, ...parts);

function block(token: MarkedToken, setting: Setting, depth: number): ReactNode {
  if (depth > DEEPEST) return <p>{token.raw}</p>;
  switch (token.type) {
    case 'space':
      return null;
    case 'code':
      return (
        <pre dir="ltr" tabIndex={0}>
          <code>{token.text}</code>
        </pre>
      );
    case 'heading':
      return <p className="heading">{inline(token.tokens, setting)}</p>;
    case 'hr':
      return <hr />;
    case 'blockquote':
      return <blockquote>{blocks(token.tokens, setting, depth + 1)}</blockquote>;
    case 'list':
      return list(token, setting, depth);
    case 'table':
      return table(token, setting);
    case 'paragraph':
      return <p>{inline(token.tokens, setting)}</p>;
    case 'text':
      return token.tokens ? inline(token.tokens, setting) : <p>{token.text}</p>;
    default:
      return <p>{token.raw}</p>;
  }
}

function list(token: Tokens.List, setting: Setting, depth: number): ReactNode {
  const items = token.items.map((item) => listItem(item, setting, depth));
  if (!token.ordered) return inOrder(items, 'ul');
  return inOrder(items, 'ol', { start: typeof token.start === 'number' ? token.start : 1 });
}

function listItem(item: Tokens.ListItem, setting: Setting, depth: number): ReactElement {
  return (
    <li>
      {item.task && <span className="task">{item.checked ? '☑ ' : '☐ '}</span>}
      {blocks(
        item.tokens.filter(({ type }) => type !== 'checkbox'),
        setting,
        depth + 1,
      )}
    </li>
  );
}

function table(token: Tokens.Table, setting: Setting): ReactNode {
  const row = (cells: readonly Tokens.TableCell[], cell: 'th' | 'td') =>
    inOrder(
      cells.map(({ tokens, align }) => createElement(cell, { className: align ?? undefined }, inline(tokens, setting))),
      'tr',
    );
  return (
    // Wide tables scroll by themselves.
    <div className="table">
      <table>
        <thead>{row(token.header, 'th')}</thead>
        {inOrder(
          token.rows.map((cells) => row(cells, 'td')),
          'tbody',
        )}
      </table>
    </div>
  );
}

function inline(tokens: readonly Token[], setting: Setting): ReactNode {
  return inOrder(tokens.map((token) => span(token as MarkedToken, setting)));
}

function span(token: MarkedToken, setting: Setting): ReactNode {
  switch (token.type) {
    case 'strong':
      return <strong>{inline(token.tokens, setting)}</strong>;
    case 'em':
      return <em>{inline(token.tokens, setting)}</em>;
    case 'del':
      return <del>{inline(token.tokens, setting)}</del>;
    case 'codespan':
      return <code dir="ltr">{token.text}</code>;
    case 'br':
      return <br />;
    case 'escape':
      return token.text;
    case 'link':
      return link(token.href, inline(token.tokens, { ...setting, mentions: [] })) ?? token.raw;
    case 'image':
      return link(token.href, token.text || token.href) ?? token.raw;
    case 'text':
      return token.tokens ? inline(token.tokens, setting) : withMentions(token.text, setting);
    default:
      return token.raw;
  }
}

/** Null where that is no address one should go to by a click. */
function link(href: string, children: ReactNode): ReactNode {
  if (!URL.canParse(href) || !/^(https?|mailto):$/.test(new URL(href).protocol)) return null;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

const MENTION = /(@[a-z0-9._-]{2,32})/gi;

function withMentions(text: string, { mentions, meId }: Setting): ReactNode {
  if (mentions.length === 0 || !text.includes('@')) return text;
  const parts = text.split(MENTION).map((part) => {
    // What ends a sentence is not part of a name.
    const names = [part.slice(1), part.slice(1).replace(/[._-]+$/, '')].map((name) => name.toLowerCase());
    const user = part.startsWith('@') ? mentions.find(({ username }) => names.includes(username.toLowerCase())) : undefined;
    if (!user) return part;
    const rest = part.slice(user.username.length + 1);
    return (
      <>
        <span className={user.id === meId ? 'mention me' : 'mention'} title={user.displayName}>
          {part.slice(0, user.username.length + 1)}
        </span>
        {rest}
      </>
    );
  });
  return inOrder(parts);
}

/** The beginning of a text, without its marks, on one line. */
export function excerpt(text: string, most = 140): string {
  const line = tamed(text)
    .replace(/!?\[([^\]\n]*)\]\([^)\s]*\)/g, '$1')
    .replace(/^\s*(?:#{1,6}\s|>+|```\w*$|\|[-:| ]+$)/gm, '')
    .replace(/^\|.*$/gm, (row) => row.replaceAll('|', ' '))
    .replace(/(\*{1,3}|~~|`+)(\S|\S.*?\S)\1/g, '$2')
    .replace(/(?<!\w)(_{1,2})(\S|\S.*?\S)\1(?!\w)/g, '$2')
    .replace(/\s+/g, ' ')
    .trim();
  const points = [...line.slice(0, most * 4)];
  return points.length > most ? `${points.slice(0, most).join('')} …` : line;
}
