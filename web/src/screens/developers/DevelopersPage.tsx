import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { meQuery, modelsQuery } from '../../api/queries';
import { Page } from '../../app/Page';
import { useMessages } from '../../i18n/messages';
import { Button } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import { Section } from '../../ui/Section';
import { Snippet } from '../../ui/Snippet';
import { Tabs } from '../../ui/Tabs';
import { NewKey } from '../settings/KeysSection';
import { developersText } from './text';

export function DevelopersPage() {
  const t = useMessages(developersText);
  const me = useQuery(meQuery).data;
  const model = useQuery(modelsQuery).data?.[0] ?? 'base';
  const alone = me?.credential === 'loopback';
  const origin = location.origin;
  // Kept nowhere: with this page it is gone.
  const [key, setKey] = useState('');
  const [making, setMaking] = useState(false);
  const header = alone ? '' : ` \\\n  -H "Authorization: Bearer ${key || '$WT_API_KEY'}"`;
  const pythonKey = alone ? '"none"' : key ? `"${key}"` : 'os.environ["WT_API_KEY"]';
  const scriptKey = alone ? "'none'" : key ? `'${key}'` : 'process.env.WT_API_KEY';
  return (
    <Page title={t('title')} lead={t('lead')}>
      <div className="mb-5 flex flex-wrap items-center gap-3">
        {alone ? (
          <p className="text-soft">{t('noKeyNeeded')}</p>
        ) : (
          <>
            <p className="text-soft">{key ? t('keyInside') : t('key')}</p>
            {key ? null : (
              <Button icon="key" onClick={() => setMaking(true)}>
                {t('makeKey')}
              </Button>
            )}
            <NewKey open={making} onOpenChange={setMaking} onMade={setKey} />
          </>
        )}
        <Button asChild look="quiet">
          <a href="/docs">
            <Icon name="external" className="size-4.5" />
            {t('reference')}
          </a>
        </Button>
        <Button asChild look="quiet">
          <a href="/openapi.json">
            <Icon name="code" className="size-4.5" />
            {t('openapi')}
          </a>
        </Button>
      </div>
      <Section title={t('openai')} hint={t('openaiHint')}>
        <Tabs
          label={t('openai')}
          tabs={[
            {
              value: 'curl',
              label: 'curl',
              content: <Snippet text={`curl ${origin}/v1/audio/transcriptions${header} \\\n  -F model=${model} -F response_format=verbose_json \\\n  -F file=@talk.mp3`} />,
            },
            {
              value: 'python',
              label: 'Python',
              content: (
                <Snippet
                  text={`${alone || key ? '' : 'import os\n'}from openai import OpenAI\n\nclient = OpenAI(base_url="${origin}/v1", api_key=${pythonKey})\nwith open("talk.mp3", "rb") as recording:\n    print(client.audio.transcriptions.create(model="${model}", file=recording).text)`}
                />
              ),
            },
            {
              value: 'javascript',
              label: 'JavaScript',
              content: (
                <Snippet
                  text={`import fs from 'node:fs';\nimport OpenAI from 'openai';\n\nconst client = new OpenAI({ baseURL: '${origin}/v1', apiKey: ${scriptKey} });\nconst reply = await client.audio.transcriptions.create({\n  model: '${model}',\n  file: fs.createReadStream('talk.mp3'),\n});\nconsole.log(reply.text);`}
                />
              ),
            },
          ]}
        />
      </Section>
      <Section title={t('rest')} hint={t('restHint')}>
        <Snippet
          text={`curl ${origin}/jobs${header} \\\n  -F file=@talk.mp3 -F model=${model} -F word_timestamps=true\n\ncurl ${origin}/jobs/JOB_ID${header}\ncurl ${origin}/jobs/JOB_ID/download?format=srt${header} -o talk.srt`}
        />
      </Section>
      <Section title={t('events')} hint={t('eventsHint')}>
        <Snippet text={`curl -N ${origin}/jobs/JOB_ID/events${header}`} />
      </Section>
      <Section title={t('resumable')} hint={t('resumableHint')}>
        <Snippet text={`${origin}/files`} />
      </Section>
      <Section title={t('cli')}>
        <Snippet text={'transcriber transcribe --output-format srt talk.mp4 > talk.srt'} />
      </Section>
    </Page>
  );
}
