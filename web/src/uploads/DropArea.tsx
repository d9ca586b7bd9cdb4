// Files may be dropped anywhere: the whole window becomes the target while something is dragged.
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useMessages } from '../i18n/messages';
import { Icon } from '../ui/Icon';
import { addPending, readDrop } from './pending';
import { uploadText } from './text';

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

export function DropArea() {
  const t = useMessages(uploadText);
  const navigate = useNavigate();
  const [over, setOver] = useState(false);
  useEffect(() => {
    // Entering a child leaves its parent; only the balance says whether the window was left.
    let depth = 0;
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth += 1;
      // Where a page takes other files as well, what it says of them stays to be seen.
      setOver(document.querySelector('[data-model-drop]') === null);
    };
    const leave = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const hover = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = async (event: DragEvent) => {
      if (!hasFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      const chosen = await readDrop(event.dataTransfer);
      if (chosen.length === 0) return;
      addPending(chosen);
      await navigate({ to: '/new' });
    };
    window.addEventListener('dragenter', enter);
    window.addEventListener('dragleave', leave);
    window.addEventListener('dragover', hover);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragenter', enter);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('dragover', hover);
      window.removeEventListener('drop', drop);
    };
  }, [navigate]);
  if (!over) return null;
  return (
    <div className="pointer-events-none fixed inset-0 z-50 grid place-items-center bg-paper/85 p-6">
      <div className="grid h-full w-full place-items-center rounded-2xl border-2 border-dashed border-accent">
        <div className="flex flex-col items-center gap-3 text-center">
          <span className="grid size-16 place-items-center rounded-full bg-accent text-on-accent">
            <Icon name="upload" className="size-8" />
          </span>
          <p className="font-serif text-2xl font-semibold">{t('dropHere')}</p>
          <p className="text-soft">{t('dropAudio')}</p>
        </div>
      </div>
    </div>
  );
}
