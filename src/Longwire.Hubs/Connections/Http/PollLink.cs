namespace Longwire.Hubs;

/// <summary>
/// A client that asks for its messages again and again. An answer is kept until the next request says that it has come, so that one which
/// is lost comes again. Between two requests nothing but time tells whether the client is still there.
/// </summary>
internal sealed class PollLink : HttpHubLink
{
    private const int AnswerBytes = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly List<OutboxEntry> _batch = [];
    private readonly ITimer _timer;
    private byte[]? _answer;
    private long _n;
    private int _request;
    private int _open;
    private bool _isLate;
    private TimeSpan _due;
    private Phase _phase;

    /// <param name="hub">The hub.</param>
    /// <param name="hello">The client's first request.</param>
    /// <param name="after">
    /// The number that answers go on from: one that was the answer of a connection before must not pass for ours.
    /// </param>
    public PollLink(Hub hub, HttpHello hello, long after)
        : base(hub, hello)
    {
        _n = after;
        // Set by the first request: before, the client waits for being let in, as long as that takes.
        _timer = hub.Context.TimeProvider.CreateTimer(
            static link => ((PollLink)link!).OnTimer(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
    }

    /// <summary>
    /// Answers a request: at once when there is something to tell, else when there is, or after a time with nothing. Null when the
    /// connection is over, and another one has to be begun.
    /// </summary>
    public async Task<byte[]?> AnswerAsync(long after, TimeSpan wait, CancellationToken aborted)
    {
        int request;
        lock (_gate)
        {
            if (_phase == Phase.Told && after == _n)
            {
                _phase = Phase.Over;
                Hub.Sessions.Farewells.Remove(this);
            }

            if (_phase == Phase.Over)
            {
                return null;
            }

            request = ++_request;
            _open++;
            _isLate = wait == TimeSpan.Zero;
            if (!_isLate)
            {
                Arm(wait);
            }

            if (after == _n)
            {
                _answer = null;
            }
        }

        // An earlier request that still waits has no answer of its own to expect.
        Outbox.Wake();
        await using CancellationTokenRegistration end = aborted.UnsafeRegister(static outbox => ((Outbox)outbox!).Wake(), Outbox);
        try
        {
            while (true)
            {
                Task woken = Outbox.Woken;
                if (aborted.IsCancellationRequested)
                {
                    return [];
                }

                if (Next(request) is { } answer)
                {
                    return answer;
                }

                await woken.ConfigureAwait(false);
            }
        }
        finally
        {
            Rest();
        }
    }

    public override string Transport => "long_polling";

    /// <summary>Whether its client is asking now.</summary>
    public bool IsAsked
    {
        get
        {
            lock (_gate)
            {
                return _open > 0;
            }
        }
    }

    public override void KnowSecret(string secret)
    {
        base.KnowSecret(secret);
        // A request that was given up and one in its place may both have come back: the later one is the connection.
        Hub.Sessions.Farewells.Forget(ClientId);
    }

    protected override void StartClosing(CloseStatus status, string reason)
    {
        if (Secret.Length > 0)
        {
            // From here on its session may end at any time, and the client's next request would not find it by that.
            Hub.Sessions.Farewells.Add(this);
        }

        base.StartClosing(status, reason);
        // Elsewhere, because whoever closes it may hold locks.
        ThreadPool.UnsafeQueueUserWorkItem(static link => link.SayFarewell(), this, preferLocal: false);
    }

    /// <summary>
    /// The hub has closed it while its client does not ask: it counts no more, and its client is told when it asks again.
    /// </summary>
    private void SayFarewell()
    {
        lock (_gate)
        {
            if (_open > 0 || _phase == Phase.Over || Session is null)
            {
                return;
            }

            Arm(Options.PollTimeout);
        }

        Hub.Release(this, CloseStatus.Abnormal);
    }

    private byte[]? Next(int request)
    {
        lock (_gate)
        {
            if (request != _request)
            {
                return HttpAnswers.Poll(_n, Id.ToString(), [], close: null, CloseReason);
            }

            if (_answer is not null)
            {
                return _answer;
            }

            CloseStatus? closed = ClosedWith;
            _batch.Clear();
            Outbox.Take(_batch, AnswerBytes);
            if (_batch.Count == 0 && closed is null)
            {
                return _isLate ? HttpAnswers.Poll(_n, Id.ToString(), [], close: null, CloseReason) : null;
            }

            foreach (OutboxEntry entry in _batch)
            {
                Id.Follow(entry.Told);
            }

            bool isLast = closed is not null && Outbox.IsEmpty;
            _phase = isLast ? Phase.Told : _phase;
            _answer = HttpAnswers.Poll(++_n, Id.ToString(), _batch, isLast ? closed : null, CloseReason);
            _batch.Clear();
            return _answer;
        }
    }

    private void Rest()
    {
        lock (_gate)
        {
            if (--_open > 0)
            {
                return;
            }

            Arm(Options.PollTimeout);
        }

        if (ClosedWith is not null)
        {
            SayFarewell();
        }
    }

    private void Arm(TimeSpan time)
    {
        _due = Hub.Context.Clock.After(time);
        _timer.Change(time, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            // It may have been set anew after it had gone off.
            if (Hub.Context.Clock.Now is var now && now < _due)
            {
                _timer.Change(_due - now, Timeout.InfiniteTimeSpan);
                return;
            }

            if (_open > 0)
            {
                _isLate = true;
                Outbox.Wake();
                return;
            }

            _phase = Phase.Over;
        }

        End();
    }

    /// <summary>The connection is over.</summary>
    public void End()
    {
        _timer.Dispose();
        Outbox.End();
        if (Session is not null)
        {
            Hub.Sessions.Farewells.Remove(this);
        }

        Hub.Release(this, CloseStatus.Abnormal);
    }

    private enum Phase
    {
        /// <summary>There is, or may come, something to tell.</summary>
        Live,

        /// <summary>Its client has been answered that the hub has closed it, and is answered again if it asks again.</summary>
        Told,

        /// <summary>Nobody asks it any more.</summary>
        Over,
    }
}
