package tui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/submit"
	"sendoff/tui/accounts"
	"sendoff/tui/compose"
	"sendoff/tui/dialog"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/queue"
	"sendoff/tui/session"
	"sendoff/tui/text"
	"sendoff/tui/theme"
	"sendoff/tui/widget"
)

// How often the outbox is looked at for changes by other programs.
const (
	pollSeen   = 700 * time.Millisecond
	pollUnseen = 3 * time.Second // while the terminal is not looked at
)

// settle is how long a person must not have typed before a dialog opens by
// itself, and how long a passing word stays at least.
const settle = 1500 * time.Millisecond

// App is the program's one tea.Model.
type App struct {
	ctx     context.Context // ends all I/O when the program ends
	service Service
	pump    *pump
	pace    *pace
	env     kit.Env
	pen     widget.Pen
	keys    keys.Global

	environ    []string
	home, temp string
	settings   string // the folder of the accounts; empty if that is home
	rehearsal  bool   // nothing is real: started with the sandbox
	fleeting   bool   // what is kept goes when the program ends
	behind     bool   // what waits is handed over when the program ends
	mayHand    bool   // there is somebody to hand it over to
	afterQuit  string // config.Outbox.AfterQuit

	screens  map[kit.Name]kit.Screen
	composer kit.Drafter
	outbox   *queue.Screen
	session  *session.Screen
	accounts *accounts.Screen
	here     kit.Name
	before   kit.Name // where Back from the session leads
	dialogs  *dialog.Stack

	width, height int
	body          rows // of the screen, as laid out last
	theme         theme.Choice
	terminal      theme.Terminal
	unseen        bool // the terminal lost the focus

	accountList []kit.AccountInfo
	standard    string
	account     string // in use instead of that; empty for none
	known       bool   // the accounts were read
	start       bool   // the first-start view shows
	sandbox     bool   // the person wants the sandbox

	autosave autosave
	first    *message.Draft // what to begin with
	open     kit.OpenDraft  // or that, unless it names no item
	counts   map[outbox.State]int
	version  int64
	asked    map[string]int
	flying   map[outbox.ID]bool // mails this program is sending
	partings []parting          // the one that goes out last at the end
	wanted   []kit.PasswordWanted
	refused  map[string]bool // accounts whose question was answered with later
	retest   string          // account to test again once its password is there
	stopTest context.CancelFunc
	stopFind context.CancelFunc
	notice   kit.Status // a passing word
	instead  string     // the screen's own status when the word was said
	noticed  time.Time
	typed    time.Time // when a key came last
	urged    time.Time // when the person last set off what may need a password
	deaf     time.Time // keys are not for the screen before
	ticking  bool
	recent   []string // actions chosen in the palette, the last first

	stopExamine  context.CancelFunc
	stopDiscover context.CancelFunc

	stopSignIn context.CancelFunc
	pasted     chan<- string // to the sign-in that runs
}

func newApp(ctx context.Context, opts Options, p *pump) *App {
	choice, terminal := theme.Choice(opts.Theme), theme.Terminal{Profile: colorprofile.ANSI}
	styles, cells := theme.New(theme.Choose(choice, terminal), glyphs(opts.Environ)), text.CodePoints
	if opts.Keys == nil {
		opts.Keys = keys.Default()
	}
	env := kit.Env{Now: opts.Clock, Keys: opts.Keys, Styles: &styles, Cells: &cells}
	m := &App{
		ctx: ctx, service: opts.Service, pump: p, env: env,
		pen: widget.Pen{Styles: &styles, Method: &cells}, keys: env.Keys.Global,
		environ: opts.Environ, home: opts.Home, settings: opts.Settings, temp: opts.Temp, rehearsal: opts.Sandbox, fleeting: opts.Fleeting, first: opts.Draft, open: opts.Open,
		composer: compose.New(env), outbox: queue.New(env), session: session.New(env), accounts: accounts.New(env),
		here: kit.Compose, before: kit.Compose, dialogs: dialog.NewStack(env),
		theme: choice, terminal: terminal, asked: map[string]int{}, flying: map[outbox.ID]bool{},
		refused: map[string]bool{}, stopTest: func() {}, stopFind: func() {},
		stopSignIn: func() {}, stopExamine: func() {}, stopDiscover: func() {},
	}
	m.account = opts.Account
	m.mayHand, m.afterQuit = opts.HandOver != nil, opts.AfterQuit
	m.behind = m.mayHand && m.afterQuit == config.AfterQuitDeliver
	m.screens = map[kit.Name]kit.Screen{
		kit.Compose: m.composer, kit.Outbox: m.outbox, kit.Session: m.session, kit.Accounts: m.accounts,
	}
	m.autosave.adopt(outbox.Ref{}, m.composer.Revision())
	m.say(kit.Status{Text: opts.Notice, Trouble: true})
	return m
}

// Init implements tea.Model.
func (m *App) Init() tea.Cmd {
	begin := tea.Cmd(nil)
	switch {
	case m.first != nil:
	case m.open.ID != 0:
		begin = m.openDraft(m.open)
	default:
		begin = m.offerDraft()
	}
	return tea.Batch(tea.RequestBackgroundColor, m.loadAccounts(""), begin, m.count("", ""), m.poll(0), m.pump.wait(m.ctx))
}

// Update implements tea.Model. It does no I/O: whatever takes time is a
// command of commands.go, and its answer comes back here.
func (m *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.handle(msg)
	cmd = tea.Batch(cmd, m.watchDraft(), m.tick())
	m.passed()
	m.layout()
	if _, polled := msg.(version); !polled { // mostly to learn that nothing is new
		m.pace.news()
	}
	return m, cmd
}

func (m *App) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		m.typed = m.env.Now()
		return m.press(msg)
	case tea.PasteMsg:
		m.typed = m.env.Now()
		return m.input(msg)
	case tea.MouseClickMsg, tea.MouseWheelMsg, tea.MouseMotionMsg, tea.MouseReleaseMsg:
		return m.mouse(msg.(tea.MouseMsg))
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		m.body = rows{}
		return m.changed() // a wide window shows more
	case kit.Tick:
		m.ticking = false
		m.openWanted()
		return m.tell(m.here, msg)
	case saveTick:
		return m.saveDue(msg)
	}
	if cmd, mine := m.told(msg); mine {
		return cmd
	}
	if cmd, mine := m.answered(msg); mine {
		return cmd
	}
	return m.news(msg)
}

// told takes what the terminal says of itself.
func (m *App) told(msg tea.Msg) (cmd tea.Cmd, mine bool) {
	switch msg := msg.(type) {
	case tea.BackgroundColorMsg:
		m.terminal.Ground = theme.OnLight
		if msg.IsDark() {
			m.terminal.Ground = theme.OnDark
		}
	case tea.ColorProfileMsg:
		m.terminal.Profile = msg.Profile
	case tea.ModeReportMsg:
		method, ok := text.Reported(msg)
		if !ok {
			return nil, true
		}
		*m.env.Cells = method
	case tea.FocusMsg:
		m.unseen = false
		return m.changed(), true
	case tea.BlurMsg:
		m.unseen = true
		return m.saveNow(), true
	default:
		return nil, false
	}
	*m.env.Styles = theme.New(theme.Choose(m.theme, m.terminal), m.env.Styles.Glyphs)
	return m.tellAll(kit.Restyled{}), true
}

// tick arms a clock while a time on the screen runs or a dialog waits.
func (m *App) tick() tea.Cmd {
	counting := len(m.wanted) > 0 || m.leaving()
	if s, ok := m.screens[m.here].(interface{ Counting() bool }); ok {
		counting = counting || s.Counting()
	}
	if !counting || m.ticking {
		return nil
	}
	m.ticking = true
	return tea.Tick(time.Second, func(t time.Time) tea.Msg { return kit.Tick{Now: t} })
}

// tell hands a message to a screen and does what it then wants.
func (m *App) tell(to kit.Name, msg tea.Msg) tea.Cmd {
	screen, ok := m.screens[to]
	if !ok {
		return nil
	}
	return m.do(to, screen.Update(msg))
}

func (m *App) tellAll(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for _, to := range []kit.Name{kit.Compose, kit.Outbox, kit.Session, kit.Accounts} {
		cmds = append(cmds, m.tell(to, msg))
	}
	return tea.Batch(cmds...)
}

// say shows a passing word.
func (m *App) say(s kit.Status) {
	m.notice, m.noticed, m.instead = s, m.env.Now(), m.screens[m.here].Status().Text
}

// passed ends a passing word when the screen has something new to say; but not
// a moment after it told of trouble.
func (m *App) passed() {
	if own := m.screens[m.here].Status().Text; m.notice.Text != "" && own != m.instead {
		m.instead = own
		if own != "" && !(m.notice.Trouble && m.env.Now().Sub(m.noticed) < settle) {
			m.notice = kit.Status{}
		}
	}
}

// trouble puts an error into words. With a damaged outbox nothing else is
// worth saying: whatever was wanted of it did not happen.
func trouble(before string, err error) kit.Status {
	if errors.Is(err, outbox.ErrCorrupt) {
		return kit.Status{Trouble: true, Text: "The outbox is damaged: mail can't be sent from it, nor kept in it. " +
			"It was left as it is. Quit and run \"sendoff outbox salvage\": it puts what can be read into a new one."}
	}
	return kit.Status{Text: before + submit.Explain(err).String(), Trouble: true}
}
