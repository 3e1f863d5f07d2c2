using Longwire.Protocol;

namespace Longwire;

/// <summary>Closes a connection: passes on to <see cref="ClosingHalf"/> what happens, and carries out what it asks for.</summary>
internal static class ConnectionCloser
{
    /// <summary>The application closes.</summary>
    /// <returns>False when the connection was closing already.</returns>
    public static bool Close(WebSocketConnection connection, CloseStatus status, string reason)
    {
        // From here on no reader is waited for: the application has said that it is done.
        connection.RequireEnding().IsHurried = true;
        if (connection.Closing.OwesFrame)
        {
            SendOwedClose(connection);
        }

        bool closes = SendClose(connection, status, reason);
        CompleteWhenOver(connection);
        return closes;
    }

    /// <summary>This side cuts TCP off.</summary>
    public static void Abort(WebSocketConnection connection, ConnectionAbortCause cause)
    {
        bool aborts;
        using (connection.EnterSendLock())
        {
            ConnectionEnding ending = connection.RequireEnding();
            ending.IsHurried = true;
            aborts = connection.Closing.OnAbort();
            if (aborts)
            {
                ending.AbortCause = cause;
                StopSending(connection);
            }
        }

        if (!aborts)
        {
            CompleteWhenOver(connection);
            return;
        }

        connection.Transport.Close(abort: true);
        SendWaiter.AdmitAll(connection);
    }

    /// <summary>The peer takes nothing any more.</summary>
    public static void OnSendingEnded(WebSocketConnection connection, Exception? error)
    {
        using (connection.EnterSendLock())
        {
            long now = connection.Timers.Now;
            ConnectionEnding ending = connection.RequireEnding();
            if (!connection.Closing.OnSendingEnded(ref ending.Record, now))
            {
                return;
            }

            ending.Error ??= error;
            StopSending(connection);
            ConnectionTimer.Watch(connection, now);
        }

        SendWaiter.AdmitAll(connection);
        EndWhenDrained(connection);
    }

    /// <summary>
    /// The peer's direction has ended. This side's Close follows at once, unless a reader has yet to answer what came before.
    /// </summary>
    public static void OnPeerEnd(WebSocketConnection connection, PeerEnd end, CloseStatus status, string reason)
    {
        using (connection.EnterSendLock())
        {
            // The state changes before the reader can learn of the end: a reader that then closes sends the Close that is owed.
            // So do the times: a reader looks at the Close that is owed only where they run.
            connection.Closing.OnPeerEnd(end, status, reason, ref connection.RequireEnding().Record);
            if (connection.Inbox is { } inbox)
            {
                bool isOwed = connection.Closing.State == ClosingState.CloseOwed;
                if (isOwed)
                {
                    Begin(connection);
                }

                if (inbox.Complete() && isOwed)
                {
                    return;
                }
            }
        }

        SendOwedClose(connection);
    }

    /// <summary>Sends the Close that the peer's end has brought about, if it wasn't sent before.</summary>
    public static void SendOwedClose(WebSocketConnection connection)
    {
        if (SendClose(connection, CloseStatus.Abnormal, ""))
        {
            return;
        }

        // This side was closing anyway. After a fault it gets no answer that it understands.
        using (connection.EnterSendLock())
        {
            Begin(connection);
        }

        EndWhenDrained(connection);
    }

    /// <summary>Ends TCP when this side's Close, and all before it, is with the transport, and it is this side's turn.</summary>
    public static void EndWhenDrained(WebSocketConnection connection)
    {
        ClosingAction action;
        using (connection.EnterSendLock())
        {
            action = connection.Closing.CheckDrained(Facts(connection));
        }

        Apply(connection, action);
    }

    /// <summary>Completes the connection when it has ended and the flush and the reader that it waits for are through.</summary>
    public static void CompleteWhenOver(WebSocketConnection connection)
    {
        if (connection.Closing.State != ClosingState.Told)
        {
            return;
        }

        TaskCompletionSource? completion;
        using (connection.EnterSendLock())
        {
            if (connection.Closing.CheckCompleted(Facts(connection)) == ClosingAction.None)
            {
                return;
            }

            connection.Timers.Clear(connection);
            completion = connection.Ending?.Completion;
        }

        connection.Host?.OnCompleted(connection);
        completion?.SetResult();
    }

    /// <summary>The transport has ended.</summary>
    /// <returns>False where that is known already.</returns>
    public static bool OnEnded(WebSocketConnection connection, Exception? error)
    {
        using (connection.EnterSendLock())
        {
            long now = connection.Timers.Now;
            ConnectionEnding ending = connection.RequireEnding();
            if (!connection.Closing.OnEnded(ref ending.Record, now))
            {
                return false;
            }

            ending.Error ??= error;
            if (!connection.IsStarted)
            {
                connection.Sending.Release();
            }

            StopSending(connection);
            connection.Progress.DropUnfinished(connection.Options.MemoryBudget);
            ConnectionTimer.Watch(connection, now);
            return true;
        }
    }

    /// <summary>Notes that all that was written is with the transport. Called under the send lock.</summary>
    public static void NoteLeft(WebSocketConnection connection)
    {
        if (!connection.Closing.IsCloseSent)
        {
            return;
        }

        long now = connection.Timers.Now;
        if (connection.Closing.NoteLeft(ref connection.RequireEnding().Record, now))
        {
            ConnectionTimer.Schedule(connection, now);
        }
    }

    /// <summary>Carries out what the closing half asks for.</summary>
    public static void Apply(WebSocketConnection connection, in ClosingAction action)
    {
        switch (action.Kind)
        {
            case ClosingActionKind.SendClose:
                SendOwedClose(connection);
                break;
            case ClosingActionKind.EndTcp:
                connection.Transport.Close(abort: false);
                break;
            case ClosingActionKind.Abort:
                Abort(connection, ConnectionAbortCause.CloseTimeout);
                break;
            case ClosingActionKind.Complete:
                connection.RequireEnding().IsHurried = true;
                CompleteWhenOver(connection);
                break;
        }
    }

    /// <summary>The facts for the closing half. Gathered under the send lock.</summary>
    public static ClosingFacts Facts(WebSocketConnection connection) =>
        new()
        {
            Role = connection.Role,
            CloseTimeout = Milliseconds.After(0, connection.Options.CloseTimeout),
            LastReceived = connection.Liveness.LastReceived,
            // The rate decides how long that may take; without one any progress counts.
            LeavingDue =
                connection.Options.MinDataRateBytesPerSecond == 0 && connection.Progress.LastTaken is var taken and not 0
                    ? Milliseconds.After(taken, connection.Options.CloseTimeout)
                    : long.MaxValue,
            IsFlushing = connection.Sending.IsFlushing,
            IsReading = connection.Sending.IsReading,
            IsLeaving = connection.Sending.IsLeaving,
            IsPaused = connection.IsPaused,
            IsReaderAwaited = connection is { Inbox.IsReaderBehind: true, Ending: not { IsHurried: true } },
        };

    // Ends what this side sends, once: by its Close frame behind all that is queued; or without one, where the peer's end has made that
    // needless.
    private static bool SendClose(WebSocketConnection connection, CloseStatus status, string reason)
    {
        bool flush;
        ClosingAction action;
        long now = connection.Timers.Now;
        using (connection.EnterSendLock())
        {
            action = connection.Closing.Close(status, reason, ref connection.RequireEnding().Record, now);
            if (action == ClosingAction.None)
            {
                return false;
            }

            flush = action.HasFrame && WriteClose(connection, action);
            connection.Sending.TakeDirectBack();
            // They wait for the end of a message that will have none.
            connection.Sending.DropHeld();
            ConnectionTimer.Watch(connection, now);
        }

        if (flush)
        {
            ConnectionFlusher.Flush(connection);
        }
        else if (!action.HasFrame)
        {
            EndWhenDrained(connection);
        }

        SendWaiter.AdmitAll(connection);
        // Full fence, paired with the one in PauseReceiving: either MayReceive sees this side's Close, or this thread sees the pause and
        // ends it. The peer's Close must get through.
        Interlocked.MemoryBarrier();
        if (connection.IsPausedByHandler || (connection.Inbox is { } inbox && inbox.Unpause()))
        {
            connection.Transport.ResumeReceiving();
        }

        return true;
    }

    // Under the send lock. Returns whether the caller must flush once it has left the lock.
    private static bool WriteClose(WebSocketConnection connection, in ClosingAction close)
    {
        Span<byte> payload = stackalloc byte[FrameHeader.MaxControlPayloadLength];
        int length = ClosePayload.Write(payload, close.Status, close.Reason);
        return connection.Write(Opcode.Close, payload[..length]);
    }

    // Under the send lock.
    private static void StopSending(WebSocketConnection connection)
    {
        connection.Sending.Stop();
        connection.CountWaiting();
    }

    // Under the send lock: from here on the times of closing run.
    private static void Begin(WebSocketConnection connection)
    {
        long now = connection.Timers.Now;
        connection.Closing.Begin(ref connection.RequireEnding().Record, now);
        ConnectionTimer.Watch(connection, now);
    }
}
