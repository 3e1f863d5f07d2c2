using System.Buffers.Binary;
using Longwire.Protocol;

namespace Longwire;

/// <summary>A connection's timed actions. Its parts say what is due; one coarse timer serves them all.</summary>
internal static class ConnectionTimer
{
    /// <summary>For the wheel: looks at what is due.</summary>
    public static void OnTimer(WebSocketConnection connection, long now)
    {
        bool isFast;
        ClosingAction closing = ClosingAction.None;
        LivenessAction liveness = LivenessAction.None;
        using (connection.EnterSendLock())
        {
            if (connection.Closing.State == ClosingState.Completed)
            {
                return;
            }

            connection.Sending.Trim();
            isFast = CheckProgress(connection, now);
            if (isFast && connection.Ending is { Record.IsTimed: true } ending)
            {
                closing = connection.Closing.OnTimer(ref ending.Record, ConnectionCloser.Facts(connection), now);
            }
            else if (isFast)
            {
                liveness = connection.Liveness.Check(LivenessFacts(connection), now);
            }

            Schedule(connection, now);
        }

        if (!isFast)
        {
            ConnectionCloser.Abort(connection, ConnectionAbortCause.TooSlow);
            return;
        }

        ConnectionCloser.Apply(connection, closing);
        Apply(connection, liveness, now);
    }

    /// <summary>
    /// Sets the connection's next time. Called under the send lock, so that no earlier time that another thread sets is overwritten, and
    /// nothing is set behind the end.
    /// </summary>
    public static void Schedule(WebSocketConnection connection, long now)
    {
        if (connection.Closing.State == ClosingState.Completed || !connection.IsStarted)
        {
            return;
        }

        long due;
        if (connection.Ending is { Record.IsTimed: true } ending)
        {
            (due, _) = connection.Closing.Next(ending.Record, ConnectionCloser.Facts(connection));
        }
        else
        {
            due = connection.Liveness.Next(connection.Options, now);
        }

        if (connection.Closing.State < ClosingState.Ended)
        {
            due = Math.Min(due, connection.Progress.Next(now));
        }

        if (due != long.MaxValue)
        {
            connection.Timers.Set(connection, due);
        }
    }

    /// <summary>Has the connection looked at every second. Called under the send lock.</summary>
    public static void Watch(WebSocketConnection connection, long now)
    {
        connection.Progress.IsWatching = true;
        Schedule(connection, now);
    }

    /// <summary>Writes a ping. Called under the send lock.</summary>
    /// <returns>Whether the caller must flush once it has left the lock.</returns>
    public static bool Write(WebSocketConnection connection, SentPing ping)
    {
        Span<byte> payload = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(payload, ping.Number);
        return connection.Write(Opcode.Ping, payload);
    }

    // Under the send lock. Returns false when the peer is too slow.
    private static bool CheckProgress(WebSocketConnection connection, long now)
    {
        if (!connection.Progress.IsWatching || connection.Closing.State >= ClosingState.Ended)
        {
            return true;
        }

        var facts = new ProgressFacts
        {
            Transport = connection.Transport,
            MinDataRate = connection.Options.MinDataRateBytesPerSecond,
            IsLeaving = connection.Sending.IsLeaving,
            IsCloseSent = connection.Closing.IsCloseSent,
            IsClosing = connection.Ending is { Record.IsTimed: true },
            MayArrive = !connection.Closing.IsPeerTcpOver && connection.Closing.State < ClosingState.SendingEnded && !connection.IsPaused,
        };
        bool isFast = connection.Progress.Check(facts, now, out bool isTaking);
        if (isTaking && connection.Ending is { } ending)
        {
            connection.Closing.NoteLeft(ref ending.Record, now);
        }

        return isFast;
    }

    private static LivenessFacts LivenessFacts(WebSocketConnection connection) =>
        new()
        {
            Limits = connection.Options,
            Transport = connection.Transport,
            IsPaused = connection.IsPaused,
            IsLeaving = connection.Sending.IsLeaving,
            LastTaken = connection.Progress.LastTaken,
        };

    private static void Apply(WebSocketConnection connection, LivenessAction action, long now)
    {
        switch (action)
        {
            case LivenessAction.Ping:
                AskPeer(connection, now);
                break;
            case LivenessAction.CloseIdle:
                connection.TryClose(CloseStatus.GoingAway, "Idle");
                break;
            case LivenessAction.Abort:
                ConnectionCloser.Abort(connection, ConnectionAbortCause.PeerDead);
                break;
        }
    }

    private static void AskPeer(WebSocketConnection connection, long now)
    {
        bool flush;
        using (connection.EnterSendLock())
        {
            flush = connection.Closing.MaySend && Write(connection, connection.Liveness.AskPeer(LivenessFacts(connection), now));
        }

        if (flush)
        {
            ConnectionFlusher.Flush(connection);
        }
    }
}
