namespace Longwire.Hubs.Client;

// Connecting: what each attempt shows, and what is said first on each connection.
public sealed partial class HubClient
{
    private const string Subprotocol = "longwire.v1.json";

    // The hub's memory is counted by its clock, and the time of sending by the client's.
    private static readonly TimeSpan _clockTolerance = TimeSpan.FromMinutes(1);

    private readonly Uri _address;
    private volatile TaskCompletionSource _greeting = new();
    private WebSocketConnection? _connection; // greeted; null while there is none
    private string _destination = "";
    private string? _secret;
    private string? _token;
    private TimeSpan _remembered;
    private ITimer? _renewTimer;
    private int _renewals; // that failed in a row

    /// <summary>
    /// Renews the token in place: the provider is asked, and the connection stays. A token that says when it ends is renewed by itself.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The client has no provider of tokens.</exception>
    /// <exception cref="HubRefusedException">The hub did not take the token.</exception>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    public async Task RenewTokenAsync(CancellationToken cancellationToken = default)
    {
        if (Options.Token is not { } provide)
        {
            throw new InvalidOperationException("There is no token to renew: set Token.");
        }

        string token = await provide(cancellationToken).ConfigureAwait(false);
        await AskAsync(
                "auth",
                json =>
                {
                    json.WriteString("token"u8, token);
                    json.WriteString("producer"u8, _producer);
                },
                isRepeatable: false,
                timeout: null,
                cancellationToken
            )
            .ConfigureAwait(false);
        lock (Gate)
        {
            _token = token;
            ScheduleRenewal();
        }
    }

    private async Task<ConnectRequest> RequestAsync(CancellationToken cancellationToken)
    {
        Uri address = Options.Address is { } provideAddress ? await provideAddress(cancellationToken).ConfigureAwait(false) : _address;
        string? token = Options.Token is { } provideToken ? await provideToken(cancellationToken).ConfigureAwait(false) : null;
        List<KeyValuePair<string, string>> headers = [.. Options.Socket.Headers];
        lock (Gate)
        {
            // Remains of the attempt before.
            Reset();
            _token = token;
            _greeting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _destination = address.GetLeftPart(UriPartial.Path);
            if (token is not null)
            {
                headers.Add(KeyValuePair.Create("Authorization", "Bearer " + token));
            }

            if (_secret is not null)
            {
                headers.Add(KeyValuePair.Create("Longwire-Session", _secret));
            }
        }

        WebSocketClientOptions options = Options.Socket with { Headers = headers, Subprotocols = [Subprotocol, "producer." + _producer] };
        return new ConnectRequest(address, options, token);
    }

    // The order is the same each time, and nothing of it waits for an answer but the first.
    private async ValueTask GreetAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        await _greeting.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (Gate)
        {
            _connection = connection;
            foreach (string room in Publisher.Rooms)
            {
                // A publication that waits needs its room, also one of a process before this.
                _ = _rooms.Join(Room(room), options: null);
            }

            _rooms.Connected(connection);
            Publisher.Connected(connection, _destination, OutboxOwner.Of(UserId!, ClientId!), _remembered);
            Publisher.Pump();
            foreach (PendingRequest request in _requests.Values)
            {
                Send(request);
            }

            ScheduleRenewal();
        }
    }

    private void OnConnected(in HubFrame frame)
    {
        lock (Gate)
        {
            _secret = HubFrame.Text(frame.Session);
            ClientId = HubFrame.Text(frame.ClientId);
            TimeSpan remembered = TimeSpan.FromMilliseconds(frame.IdempotencyMs) - _clockTolerance;
            _remembered = remembered > TimeSpan.Zero ? remembered : TimeSpan.Zero;
            Publisher.MaxMessageBytes = frame.MaxMessageBytes > 0 ? frame.MaxMessageBytes : long.MaxValue;
        }

        // Else the hub waits for the client to sign in, and closes when it has nothing to sign in with.
        if (frame.UserId.Length > 0)
        {
            UserId = HubFrame.Text(frame.UserId);
            Username = HubFrame.Text(frame.Username);
            _greeting.TrySetResult();
        }
    }

    private void OnAuthenticated(in HubFrame frame)
    {
        string userId = HubFrame.Text(frame.UserId);
        lock (Gate)
        {
            Username = HubFrame.Text(frame.Username);
            if (frame.Session.Length > 0)
            {
                _secret = HubFrame.Text(frame.Session);
            }

            if (userId != UserId)
            {
                UserId = userId;
                Publisher.Own(_destination, OutboxOwner.Of(userId, ClientId!), _remembered);
            }
        }

        Answer(frame);
    }

    private void OnLost(CloseStatus status)
    {
        PendingRequest[] open;
        lock (Gate)
        {
            Publisher.Lost(status == CloseStatus.MessageTooBig);
            open = Reset();
        }

        foreach (PendingRequest request in open)
        {
            request.Answer.TrySetException(
                new UncertainDeliveryException("The connection broke before the answer came. Ask again, if asking twice does no harm.")
            );
        }
    }

    // Under the gate. Returns the requests that are not to be sent again.
    private PendingRequest[] Reset()
    {
        _connection = null;
        Publisher.Lost(wasTooLarge: false);
        _rooms.Lost();
        PendingRequest[] open = [.. _requests.Values.Where(static request => request is { IsSent: true, IsRepeatable: false })];
        foreach (PendingRequest request in open)
        {
            _requests.Remove(request.Id);
        }

        foreach (PendingRequest request in _requests.Values)
        {
            request.IsSent = false;
        }

        return open;
    }

    private void OnClosed(ConnectionEnding ending)
    {
        Exception error = ending.ToException();
        PendingRequest[] requests;
        lock (Gate)
        {
            requests = [.. _requests.Values];
            _requests.Clear();
            Publisher.FailWaiters(error);
        }

        _rooms.Close(error);
        foreach (PendingRequest request in requests)
        {
            request.Answer.TrySetException(error);
        }
    }

    // Under the gate.
    private void ScheduleRenewal()
    {
        if (_token is null || JwtExpiry.Find(_token) is not { } end)
        {
            return;
        }

        TimeSpan left = end - Options.TimeProvider.GetUtcNow();
        TimeSpan early = left - TimeSpan.FromMinutes(1);
        RenewIn(early > left / 2 ? early : left / 2);
    }

    // Under the gate.
    private void RenewIn(TimeSpan delay)
    {
        delay = delay > TimeSpan.Zero ? delay : TimeSpan.Zero;
        delay = delay < TimeSpan.FromDays(40) ? delay : TimeSpan.FromDays(40);
        _renewTimer ??= Options.TimeProvider.CreateTimer(
            static client => _ = ((HubClient)client!).RenewAsync(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
        _renewTimer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private async Task RenewAsync()
    {
        lock (Gate)
        {
            if (_connection is null || _isDisposed)
            {
                // The next connection has a new token.
                return;
            }
        }

        try
        {
            await RenewTokenAsync().ConfigureAwait(false);
            _renewals = 0;
        }
        catch (Exception)
        {
            // The hub closes with 4003 when the token has ended, and the client comes back with another.
            TimeSpan delay = BackOff.Ceiling(++_renewals, Options.Reconnect) * Options.Random();
            HubClientLog.RenewalFailed(_logger, delay);
            lock (Gate)
            {
                if (!_isDisposed)
                {
                    RenewIn(delay);
                }
            }
        }
    }
}
