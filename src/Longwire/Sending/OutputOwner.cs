namespace Longwire;

// The thread or part that may write into the transport's output. Changes happen under the send lock.
//
//              BeginRead                  BeginFlush
//   Nobody ----------------> Reader* ------------------> Transport
//      ^                       |                            |
//      |        EndRead        |                            | EndFlush
//      +-----------------------+                            |
//      +----------------------------------------------------+--> Nobody, or Reader where a read is being worked through
//      |                      BeginFlush
//      +--------------------------------------------------------> Transport
//
//   Held, instead of Nobody, is where a connection begins that is opened before it is started; EndFlush ends that, too.
//   * ReaderDirect where nothing is in the reading thread's way; taken back to Reader by whoever puts something there.

/// <summary>Whose the transport's output is.</summary>
internal enum OutputOwner : byte
{
    /// <summary>Nobody's: any thread writes into it under the send lock, and flushes.</summary>
    Nobody,

    /// <summary>The thread's that works through a read, which flushes at its end; what other threads send is queued.</summary>
    Reader,

    /// <summary>The same thread's, and nothing waits that would have to go first: it writes without the lock.</summary>
    ReaderDirect,

    /// <summary>The transport's, while a flush is under way; what is sent is queued.</summary>
    Transport,

    /// <summary>As during a flush, because the connection is opened and not started yet; the start ends it.</summary>
    Held,
}
