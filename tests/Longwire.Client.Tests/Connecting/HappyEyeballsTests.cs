using System.Net;
using System.Net.Sockets;
using Longwire.Connecting;
using Longwire.Transport.Linux.Tests;

namespace Longwire.Client.Tests;

/// <summary>RFC 8305, with attempts that end when the test says so and a clock that stands still.</summary>
public sealed class HappyEyeballsTests
{
    private static readonly IPAddress _six = IPAddress.Parse("2001:db8::1");
    private static readonly IPAddress _otherSix = IPAddress.Parse("2001:db8::2");
    private static readonly IPAddress _four = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress _otherFour = IPAddress.Parse("192.0.2.2");

    private readonly ManualTime _time = new();
    private readonly Dictionary<IPAddress, TaskCompletionSource<string>> _attempts = [];
    private readonly List<string> _discarded = [];
    private bool _isDeaf;
    private TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public void The_families_take_turns_and_the_preferred_one_begins() =>
        Assert.Equal([_six, _four, _otherSix, _otherFour], HappyEyeballs.InTurn([_six, _otherSix, _four, _otherFour]));

    [Fact]
    public async Task The_next_address_is_tried_after_a_quarter_of_a_second_and_the_first_may_still_win()
    {
        Task<string> connecting = ConnectAsync(_six, _four, _otherSix);
        Assert.Equal([_six], _attempts.Keys);
        _time.Advance(HappyEyeballs.AttemptDelay - TimeSpan.FromTicks(1));
        Assert.Equal([_six], _attempts.Keys);
        await NextAsync(() => _time.Advance(TimeSpan.FromTicks(1)));
        Assert.Equal([_six, _four], _attempts.Keys);
        _isDeaf = true;
        _attempts[_six].SetResult("six");
        Assert.Equal("six", await connecting.WaitAsync(Patience.Long));
        // A result of the losing attempt, in spite of its cancellation, is not kept.
        _attempts[_four].SetResult("four");
        Assert.Equal(["four"], _discarded);
        Assert.Equal(2, _attempts.Count);
    }

    [Fact]
    public async Task A_failure_leads_to_the_next_address_at_once()
    {
        Task<string> connecting = ConnectAsync(_six, _four);
        await NextAsync(() => _attempts[_six].SetException(new SocketException((int)SocketError.NetworkUnreachable)));
        _attempts[_four].SetResult("four");
        Assert.Equal("four", await connecting.WaitAsync(Patience.Long));
    }

    [Fact]
    public async Task When_all_have_failed_the_last_failure_is_told()
    {
        Task<string> connecting = ConnectAsync(_six, _four);
        await NextAsync(() => _attempts[_six].SetException(new SocketException((int)SocketError.NetworkUnreachable)));
        _attempts[_four].SetException(new SocketException((int)SocketError.ConnectionRefused));
        SocketException exception = await Assert.ThrowsAsync<SocketException>(() => connecting.WaitAsync(Patience.Long));
        Assert.Equal(SocketError.ConnectionRefused, exception.SocketErrorCode);
    }

    [Fact]
    public async Task Cancelling_ends_all_attempts()
    {
        using var cancel = new CancellationTokenSource();
        Task<string> connecting = ConnectAsync(cancel.Token, _six, _four, _otherFour);
        await NextAsync(() => _time.Advance(HappyEyeballs.AttemptDelay));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(Patience.Long));
        Assert.Equal(2, _attempts.Count);
        Assert.All(_attempts.Values, static attempt => Assert.True(attempt.Task.IsCanceled));
    }

    [Fact]
    public async Task Without_an_address_the_name_is_not_found()
    {
        SocketException exception = await Assert.ThrowsAsync<SocketException>(() => ConnectAsync());
        Assert.Equal(SocketError.HostNotFound, exception.SocketErrorCode);
    }

    private Task<string> ConnectAsync(params IPAddress[] addresses) => ConnectAsync(CancellationToken.None, addresses);

    private Task<string> ConnectAsync(CancellationToken cancellationToken, params IPAddress[] addresses) =>
        HappyEyeballs.ConnectAsync(addresses, Connect, _discarded.Add, _time, cancellationToken);

    private Task<string> Connect(IPAddress address, CancellationToken cancellationToken)
    {
        var attempt = new TaskCompletionSource<string>();
        cancellationToken.Register(() => _ = !_isDeaf && attempt.TrySetCanceled());
        _attempts.Add(address, attempt);
        _asked.TrySetResult();
        return attempt.Task;
    }

    private async Task NextAsync(Action action)
    {
        _asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        action();
        await _asked.Task.WaitAsync(Patience.Long);
    }
}
