// What stays around the screens: the rail (wide) or the bottom bar (phone), the queue card, the
// area where files can be dropped, notices, and the word that the server is away.
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { meQuery } from '../api/queries';
import { useMessages } from '../i18n/messages';
import { IconButton } from '../ui/Button';
import { cx } from '../ui/cx';
import { Icon, type IconName, Mark } from '../ui/Icon';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from '../ui/Menu';
import { locales, useLocale } from '../i18n/locale';
import { ConnectionBanner } from './ConnectionBanner';
import { useSignOut } from './SignOut';
import { useEndNotices } from './notices';
import { useShortcuts } from './shortcuts';
import { DropArea } from '../uploads/DropArea';
import { QueueCard } from '../uploads/QueueCard';
import { appText } from './text';
import { chooseLocale, chooseTheme, useStoredPreferences } from './preferences';
import { useTheme } from './theme';

type Place = '/' | '/new' | '/settings' | '/admin' | '/developers' | '/help';

function RailLink({ to, icon, children }: { to: Place; icon: IconName; children: ReactNode }) {
  return (
    <Link
      to={to}
      activeOptions={{ exact: to === '/', includeSearch: false }}
      className="flex min-h-10 items-center gap-3 rounded-lg px-3 text-sm font-medium text-soft hover:bg-sunken hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:text-ink"
    >
      <Icon name={icon} />
      {children}
    </Link>
  );
}

function BarLink({ to, icon, children }: { to: Place; icon: IconName; children: ReactNode }) {
  return (
    <Link
      to={to}
      activeOptions={{ exact: to === '/', includeSearch: false }}
      className="flex min-h-14 flex-1 flex-col items-center justify-center gap-0.5 text-xs font-medium text-soft aria-[current=page]:text-accent-strong"
    >
      <Icon name={icon} className="size-5.5" />
      {children}
    </Link>
  );
}

function AccountMenu({ trigger, phone }: { trigger: ReactNode; phone?: boolean }) {
  const t = useMessages(appText);
  const theme = useTheme();
  const locale = useLocale();
  const me = useQuery(meQuery).data;
  const leaving = useSignOut();
  const names: Record<string, string> = { en: 'English', de: 'Deutsch' };
  return (
    <>
    {leaving.dialog}
    <Menu trigger={trigger} align={phone ? 'end' : 'start'}>
      {phone ? (
        <>
          {me?.is_admin ? <GoItem to="/admin" icon="admin" label={t('admin')} /> : null}
          <GoItem to="/developers" icon="code" label={t('developers')} />
          <GoItem to="/help" icon="help" label={t('help')} />
          <MenuLine />
        </>
      ) : null}
      <MenuLabel>{t('theme')}</MenuLabel>
      <MenuChoice
        value={theme}
        onChange={chooseTheme}
        options={[
          { value: 'system', label: t('themeSystem') },
          { value: 'light', label: t('themeLight') },
          { value: 'dark', label: t('themeDark') },
        ]}
      />
      <MenuLine />
      <MenuLabel>{t('language')}</MenuLabel>
      <MenuChoice value={locale} onChange={chooseLocale} options={locales.map((value) => ({ value, label: names[value] ?? value }))} />
      {me && me.credential !== 'loopback' ? (
        <>
          <MenuLine />
          <MenuItem icon="logout" onSelect={() => void leaving.ask()}>
            {t('signOut')}
          </MenuItem>
        </>
      ) : null}
    </Menu>
    </>
  );
}

function GoItem({ to, icon, label }: { to: Place; icon: IconName; label: string }) {
  const navigate = useNavigate();
  return (
    <MenuItem icon={icon} onSelect={() => void navigate({ to })}>
      {label}
    </MenuItem>
  );
}

export function Shell() {
  const t = useMessages(appText);
  useShortcuts();
  useEndNotices();
  const me = useQuery(meQuery).data;
  useStoredPreferences(me?.id ?? me?.username ?? null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    // A new page is announced and read from its beginning; the first one is where it is.
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [path]);
  const name = me?.credential === 'loopback' ? t('singleUser') : (me?.username ?? t('account'));
  return (
    <div className="flex min-h-dvh">
      <a href="#content" className="fixed start-3 top-3 z-60 -translate-y-20 rounded-lg bg-ink px-4 py-2 text-paper focus:translate-y-0">
        {t('skip')}
      </a>
      <aside className="sticky top-0 hidden h-dvh w-64 shrink-0 flex-col border-e border-line bg-surface px-3 py-4 md:flex">
        <Link to="/" className="mb-5 flex items-center gap-2.5 rounded-lg px-2 py-1">
          <Mark />
          <span className="font-serif text-[1.0625rem] font-semibold tracking-tight">{t('product')}</span>
        </Link>
        <Link
          to="/new"
          className="mb-4 flex min-h-11 items-center justify-center gap-2 rounded-lg bg-accent text-sm font-semibold text-on-accent hover:bg-accent-strong"
        >
          <Icon name="plus" className="size-4.5" />
          {t('new')}
        </Link>
        <nav aria-label={t('navigation')} className="flex flex-col gap-0.5">
          <RailLink to="/" icon="library">
            {t('library')}
          </RailLink>
          <RailLink to="/settings" icon="settings">
            {t('settings')}
          </RailLink>
          {me?.is_admin ? (
            <RailLink to="/admin" icon="admin">
              {t('admin')}
            </RailLink>
          ) : null}
          <RailLink to="/developers" icon="code">
            {t('developers')}
          </RailLink>
          <RailLink to="/help" icon="help">
            {t('help')}
          </RailLink>
        </nav>
        <div className="min-h-4 flex-1" />
        <QueueCard />
        <AccountMenu
          trigger={
            <button type="button" className="mt-3 flex min-h-10 items-center gap-3 rounded-lg px-3 text-start text-sm font-medium text-soft hover:bg-sunken hover:text-ink">
              <Icon name="user" />
              <span className="min-w-0 flex-1 truncate">{name}</span>
              <Icon name="chevron" className="size-4" />
            </button>
          }
        />
      </aside>
      <main ref={main} id="content" tabIndex={-1} className={cx('min-w-0 flex-1 pb-16 outline-none md:pb-0')}>
        <ConnectionBanner />
        <Outlet />
      </main>
      <DropArea />
      {/* The player of a transcript is at the same place, and the thumb's. */}
      {path.startsWith('/transcript/') ? null : (
        <div className="fixed inset-x-3 bottom-[calc(4rem+env(safe-area-inset-bottom))] z-20 md:hidden">
          <QueueCard folds />
        </div>
      )}
      <nav aria-label={t('navigation')} className="fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden">
        <BarLink to="/" icon="library">
          {t('library')}
        </BarLink>
        <BarLink to="/new" icon="plus">
          {t('newShort')}
        </BarLink>
        <BarLink to="/settings" icon="settings">
          {t('settings')}
        </BarLink>
        <div className="flex min-h-14 flex-1 items-center justify-center">
          <AccountMenu phone trigger={<IconButton icon="more" label={t('more')} className="size-12" />} />
        </div>
      </nav>
    </div>
  );
}
