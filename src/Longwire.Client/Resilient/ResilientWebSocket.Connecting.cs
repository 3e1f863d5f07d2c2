namespace Longwire.Client;

// Connecting: one loop from the start to the close makes one attempt, or keeps one connection, at a time.
public sealed partial class ResilientWebSocket
{
    private static readonly TimeSpan _probeTimeout = TimeSpan.FromSeconds(5);

    private Link? _link; // the attempt, or the connection, that counts; what others still say is not listened to
    private TimeSpan? _drain;
    private string? _destination;
    private Task _abandoned = Task.CompletedTask; // the attempt that was given up last, whose socket may be there yet

    void ISurroundingsListener.OnWoken()
    {
        _link?.Drop(ConnectionEnding.Asleep);
        ReconnectNow();
    }

    void ISurroundingsListener.OnDoubt() => Probe();

    void ISurroundingsListener.OnNetworkChanged()
    {
        Probe();
        ReconnectNow();
    }

    /// <summary>The server has said when to come back after the close that follows.</summary>
    internal void ComeBackAfter(TimeSpan delay) => _drain = delay;

    /// <summary>The connection that is open; null when none is.</summary>
    internal WebSocketConnection? OpenConnection => Volatile.Read(ref _open)?.Connection;

    internal void OnLost(Link link, CloseStatus status)
    {
        lock (_gate)
        {
            link.IsLost = true;
            if (_link != link)
            {
                return;
            }

            if (_open == link)
            {
                _open = null;
                _run!.Reopen();
            }
        }

        _options.OnLost?.Invoke(status);
    }

    private void Probe()
    {
        if (_open is { } link && !IsHeldBack)
        {
            _ = link.ProbeAsync(_probeTimeout, _time);
        }
    }

    // Under the gate.
    private Run Start(bool again)
    {
        if (_run is { } run && !(again && (run.IsOver || run.IsClosing)))
        {
            return run;
        }

        Task before = _run?.Task ?? Task.CompletedTask;
        _run = run = new Run(_options.Socket.Connection.ReceiveQueueBytes);
        run.Task = RunAsync(run, before);
        return run;
    }

    private async Task RunAsync(Run run, Task before)
    {
        // The caller holds the gate.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await before.ConfigureAwait(false);
        var surroundings = Surroundings.For(_time);
        surroundings.Add(this);
        ConnectionEnding ending = await StayUpAsync(run).ConfigureAwait(false);
        surroundings.Remove(this);
        _options.OnClosed?.Invoke(ending);
        lock (_gate)
        {
            _link = null;
            run.End();
            _outbox.FailWaiters(ending.ToException());
            SetState(ClientState.Closed, reason: ending);
        }

        ClientLog.Closed(_logger, ending);
        run.Opened.TrySetException(ending.ToException());
        _ = run.Opened.Task.Exception; // nobody need have waited for it
        run.Inbox.Complete();
    }

    // Returns why the client does not stay up any longer.
    private async Task<ConnectionEnding> StayUpAsync(Run run)
    {
        int attempt = 0;
        var refusals = new Refusals();
        ConnectionEnding ending = ConnectionEnding.ByHand;
        while (!run.IsClosing)
        {
            SetState(ClientState.Connecting, attempt);
            var link = new Link(this);
            (ConnectionEnding? failure, bool isFinal) = await AttemptAsync(run, link, refusals, ending).ConfigureAwait(false);
            if (isFinal)
            {
                return failure!;
            }

            ClientMetrics.Attempted(failure is null);
            if (failure is null)
            {
                long opened = _time.GetTimestamp();
                ending = await link.Ended.ConfigureAwait(false);
                ClientMetrics.Ended(ending);
                if (_time.GetElapsedTime(opened) >= _options.Reconnect.StableAfter)
                {
                    attempt = 0;
                    refusals = new Refusals();
                }
            }
            else
            {
                ending = failure;
            }

            if (run.IsClosing)
            {
                break;
            }

            ReconnectAdvice advice = _options.Advise?.Invoke(ending) ?? ending.Advice;
            if (
                advice == ReconnectAdvice.Stop
                || (advice == ReconnectAdvice.NewToken && !refusals.Refuse())
                || ++attempt > (_options.Reconnect.MaxAttempts ?? int.MaxValue)
            )
            {
                return ending;
            }

            TimeSpan delay = BackOff.Delay(attempt, advice, ending, _drain, _options.Reconnect, _options.Random);
            _drain = null;
            Task wait = run.WaitAsync(delay, _time);
            ClientLog.Reconnecting(_logger, ending, attempt, delay);
            SetState(ClientState.Reconnecting, attempt, delay, ending);
            await wait.ConfigureAwait(false);
        }

        return ConnectionEnding.ByHand;
    }

    // Returns why the attempt failed, and whether no other is to follow; or null when the client is open.
    private async Task<(ConnectionEnding? Failure, bool IsFinal)> AttemptAsync(
        Run run,
        Link link,
        Refusals refusals,
        ConnectionEnding before
    )
    {
        using var timeout = new CancellationTokenSource(_options.Reconnect.AttemptTimeout, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(run.Closing, timeout.Token);
        try
        {
            ConnectRequest request = await RequestAsync(end.Token).WaitAsync(end.Token).ConfigureAwait(false);
            if (!refusals.TryGive(request.Credential))
            {
                return (before, true);
            }

            await LeaveAsync(end.Token).ConfigureAwait(false);
            Volatile.Write(ref _link, link);
            await DialAsync(request, link, end.Token).ConfigureAwait(false);
            if (_options.OnOpen is { } onOpen)
            {
                Task opening = onOpen(link.Connection!, end.Token).AsTask();
                await Task.WhenAny(opening.WaitAsync(end.Token), link.Ended).Unwrap().ConfigureAwait(false);
            }

            if (TryOpen(run, link, Destination(request.Address)))
            {
                return (null, false);
            }

            link.Drop(ConnectionEnding.ByHand);
        }
        catch (Exception exception)
        {
            if (!link.IsLost)
            {
                var failure = ConnectionEnding.Of(exception, _time);
                link.Drop(failure);
                _abandoned = link.Connection is null ? _abandoned : link.Ended;
                return (failure, false);
            }
        }

        return (await link.Ended.ConfigureAwait(false), false);
    }

    private async Task DialAsync(ConnectRequest request, Link link, CancellationToken cancellationToken)
    {
        Task<WebSocketConnection> dialing = _options.Connect is { } connect
            ? connect(request.Address, link, request.Options, cancellationToken)
            : WebSocketClient.ConnectAsync(request.Address, link, request.Options, cancellationToken);
        try
        {
            // On an event loop a connection opens a moment later.
            link.OnOpen(await dialing.WaitAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            _abandoned = AbandonAsync(dialing);
            throw;
        }
    }

    // A client has one socket at a time, also where the machine is behind with closing. An attempt that never ends costs one more.
    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        Task abandoned = _abandoned;
        _abandoned = Task.CompletedTask;
        await abandoned.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task AbandonAsync(Task<WebSocketConnection> dialing)
    {
        try
        {
            WebSocketConnection late = await dialing.ConfigureAwait(false);
            late.Abort();
            await late.Completion.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It was given up before it failed.
        }
    }

    private bool TryOpen(Run run, Link link, string destination)
    {
        lock (_gate)
        {
            if (link.IsLost || run.IsClosing)
            {
                return false;
            }

            if (_destination is not null && _destination != destination)
            {
                Discard(DiscardCause.OtherDestination);
            }

            _destination = destination;
            _open = link;
            SetState(ClientState.Open);
            run.Opened.TrySetResult();
            PumpTo(link);
        }

        ClientLog.Opened(_logger, destination);
        return true;
    }

    private async Task<ConnectRequest> RequestAsync(CancellationToken cancellationToken)
    {
        if (_options.Request is { } request)
        {
            return await request(cancellationToken).ConfigureAwait(false);
        }

        Uri address = _options.Address is { } provideAddress ? await provideAddress(cancellationToken).ConfigureAwait(false) : _address;
        WebSocketClientOptions options = _options.Socket;
        if (_options.Headers is { } provideHeaders)
        {
            options = options with { Headers = [.. options.Headers, .. await provideHeaders(cancellationToken).ConfigureAwait(false)] };
        }

        if (_options.Subprotocols is { } provideSubprotocols)
        {
            options = options with { Subprotocols = await provideSubprotocols(cancellationToken).ConfigureAwait(false) };
        }

        bool isAsked = _options.Address is not null || _options.Headers is not null || _options.Subprotocols is not null;
        return new ConnectRequest(address, options, isAsked ? Credential(address, options) : null);
    }

    private static string Credential(Uri address, WebSocketClientOptions options) =>
        string.Join('\n', [address.AbsoluteUri, .. options.Headers.Select(static header => header.ToString()), .. options.Subprotocols]);

    private static string Destination(Uri address) => address.GetLeftPart(UriPartial.Path);
}
