using Longwire.Protocol;

namespace Longwire;

/// <summary>Flushes a connection's output, for as long as more is written meanwhile.</summary>
internal static class ConnectionFlusher
{
    private const int MaxFlushesInARow = 64;

    /// <summary>
    /// Flushes, as the sending half has asked for. Called outside the send lock, because a transport may run its reader's code inside of a
    /// flush.
    /// </summary>
    public static void Flush(WebSocketConnection connection)
    {
        int rounds = 0;
        while (true)
        {
            if (!connection.Transport.TryFlush())
            {
                Watch(connection);
                return;
            }

            if (!Continue(connection))
            {
                return;
            }

            // A sender of one message must not be kept for as long as others keep sending.
            if (++rounds == MaxFlushesInARow)
            {
                ThreadPool.UnsafeQueueUserWorkItem(Flush, connection, preferLocal: false);
                return;
            }
        }
    }

    /// <summary>A flush that took longer is done.</summary>
    public static void OnFlushed(WebSocketConnection connection)
    {
        if (Continue(connection))
        {
            Flush(connection);
        }
    }

    // The transport has taken what it was given. Returns whether more was written, which must be flushed again.
    private static bool Continue(WebSocketConnection connection)
    {
        bool more;
        using (connection.EnterSendLock())
        {
            int bytes = connection.Sending.EndFlush(connection.Target, connection.Progress.SliceBytes);
            more = bytes != 0;
            if (more)
            {
                connection.Progress.NoteFlush(bytes);
            }
            else if (!connection.Closing.IsCloseSent)
            {
                connection.Progress.NoteAllLeft();
            }

            if (connection.Sending.HasQueue)
            {
                connection.CountWaiting();
            }

            ConnectionCloser.NoteLeft(connection);
        }

        if (connection.Sending.HasBacklog)
        {
            SendWaiter.AdmitAll(connection);
        }

        if (!more && (connection.Closing.IsPeerDone || connection.Closing.State >= ClosingState.Told))
        {
            ConnectionCloser.EndWhenDrained(connection);
            ConnectionCloser.CompleteWhenOver(connection);
        }

        return more;
    }

    private static void Watch(WebSocketConnection connection)
    {
        if (connection.Progress.IsWatching)
        {
            return;
        }

        using (connection.EnterSendLock())
        {
            if (connection.Sending.IsFlushing && !connection.Progress.IsWatching)
            {
                ConnectionTimer.Watch(connection, connection.Timers.Now);
            }
        }
    }
}
