// Code to copy.
import { useState } from 'react';
import { useMessages } from '../i18n/messages';
import { IconButton } from './Button';
import { copyText } from './ErrorPanel';
import { uiText } from './text';

export function Snippet({ text, label }: { text: string; label?: string }) {
  const t = useMessages(uiText);
  const [copied, setCopied] = useState(false);
  return (
    <div className="relative rounded-lg border border-line bg-sunken" dir="ltr">
      <pre tabIndex={0} role="region" aria-label={label ?? 'Code'} className="overflow-x-auto py-3 ps-4 pe-14 font-mono text-[0.8125rem] leading-relaxed">
        {text}
      </pre>
      <IconButton
        icon={copied ? 'check' : 'copy'}
        label={copied ? t('copied') : t('copy')}
        look="secondary"
        className="absolute end-1 top-1"
        onClick={async () => {
          if (await copyText(text)) setCopied(true);
        }}
      />
    </div>
  );
}
