namespace Longwire.Conformance;

/// <summary>The steps that most cases share.</summary>
internal static class Scripts
{
    /// <summary>Sends frames; expects these events and then a normal close, which the suite begins.</summary>
    public static Func<CaseRun, Task> Answers(IReadOnlyList<WireFrame> frames, Chops chops, params PeerEvent[] events) =>
        async run =>
        {
            run.ExpectOk(events);
            await run.Peer.SendAsync(frames, chops);
        };

    /// <summary>Sends frames that end in a fault; expects nothing but that the peer fails the connection.</summary>
    public static Func<CaseRun, Task> Fails(int code, IReadOnlyList<WireFrame> frames, Chops chops = default) =>
        async run =>
        {
            run.ExpectOk();
            run.Close = CloseExpectation.ByPeer(code);
            await run.Peer.SendAsync(frames, chops);
        };

    /// <summary>
    /// Sends a good message and then a fault. Right is the echo before the end; an end without the echo is conformant, too, since an
    /// endpoint that finds a fault may drop what it still has to do.
    /// </summary>
    public static Func<CaseRun, Task> FailsAfterEcho(int code, PeerEvent echo, IReadOnlyList<WireFrame> frames, Chops chops = default) =>
        async run =>
        {
            run.ExpectOk(echo);
            run.Expect(Verdict.NonStrict, "The connection was failed before the good message was answered.");
            run.Close = CloseExpectation.ByPeer(code);
            await run.Peer.SendAsync(frames, chops);
        };

    /// <summary>Sends a fault that the peer has to fail with a status; with a tolerated one it is not strict.</summary>
    public static Func<CaseRun, Task> Fails(CloseExpectation close, params WireFrame[] frames) =>
        async run =>
        {
            run.ExpectOk();
            run.Close = close;
            await run.Peer.SendAsync(frames, Chops.Whole);
        };

    /// <summary>Sends what a strict peer fails; a peer that takes it instead, with these events, is not strict.</summary>
    public static Func<CaseRun, Task> FailsIfStrict(
        CloseExpectation close,
        string lax,
        IReadOnlyList<WireFrame> frames,
        params PeerEvent[] events
    ) =>
        async run =>
        {
            run.ExpectOk();
            run.Expect(Verdict.NonStrict, lax, events);
            run.Close = close;
            await run.Peer.SendAsync(frames, Chops.Whole);
            await run.WaitAsync(() => !run.Peer.IsOpen || (events.Length > 0 && run.Peer.EventCount >= events.Length));
            if (!run.Peer.IsOpen)
            {
                return;
            }

            if (events.Length > 0)
            {
                run.Close = CloseExpectation.Normal;
                return;
            }

            // The peer waits for more of a frame: a Close would only be taken for a part of it.
            run.Decide(Verdict.NonStrict, lax);
            await run.Peer.DropAsync();
        };
}
