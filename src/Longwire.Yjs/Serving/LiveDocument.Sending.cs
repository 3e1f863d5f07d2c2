using System.Diagnostics;

namespace Longwire.Yjs;

// Sending. A message to all members is framed once. A member whose queue is full is left out, and a task of its own sends it what it lacks,
// in one, as soon as there is room: so a slow reader costs one message, however long it is behind.
//
// A client that joins is answered with what it lacks (as an update), and then with what has come since that was encoded (as step 2, which
// ends the answer). So in a storm of joins the large part is encoded once, also while others write.
internal sealed partial class LiveDocument
{
    private const int MostAnswers = 4;
    private const long LeastRecentBytes = 64 << 10;

    private static readonly TimeSpan _answerLifetime = TimeSpan.FromSeconds(10);
    private static readonly byte[] _nothing = [0];

    private readonly Queue<ParsedUpdate> _recent = new();
    private readonly List<Answer> _answers = [];
    private long _recentBytes;
    private long _version; // how many updates were applied
    private PreparedMessage? _step1;
    private (long From, int Kind, PreparedMessage Message)? _tail; // up to the present version
    private PreparedMessage? _allAwareness;
    private ITimer? _awarenessTimer;
    private long _awarenessSent;
    private bool _awarenessIsDue;

    /// <summary>A member asks for what it lacks (sync step 1).</summary>
    public YjsError? Ask(YjsMember member, ReadOnlySpan<byte> vector)
    {
        if (!StateVector.TryRead(vector, out _, out YjsError? error))
        {
            return error;
        }

        lock (_lock)
        {
            member.Asked = vector.ToArray();
            SendWhatIsOwed(member);
            return null;
        }
    }

    /// <summary>A member brings awareness.</summary>
    public YjsError? Show(YjsMember member, ReadOnlySpan<byte> update)
    {
        lock (_lock)
        {
            if (_isClosed || member.Index < 0)
            {
                return null;
            }

            _awareness.TryApply(update, member, out YjsError? error);
            FlushAwareness();
            return error;
        }
    }

    /// <summary>A member asks for all awareness states.</summary>
    public void ShowAll(YjsMember member)
    {
        lock (_lock)
        {
            member.Owed |= OwedMessages.Awareness;
            SendWhatIsOwed(member);
        }
    }

    // All of the following under the lock.

    private void Publish(ParsedUpdate update)
    {
        _state.Apply(update);
        _version++;
        _metrics.UpdateApplied();
        (_step1, _tail) = (null, null);
        _recent.Enqueue(update);
        _recentBytes += update.Bytes.Length;
        long most = Math.Max(LeastRecentBytes, _state.MemoryBytes / 4);
        while (_recentBytes > most && _recent.TryDequeue(out ParsedUpdate? old))
        {
            _recentBytes -= old.Bytes.Length;
        }

        byte[] withRoom = new byte[YjsMessages.Room + update.Bytes.Length];
        update.Bytes.CopyTo(withRoom, YjsMessages.Room);
        PreparedMessage message = YjsMessages.FrameSync(YjsMessages.Update, withRoom);
        _lastSent = _time.GetTimestamp();
        foreach (YjsMember member in _members)
        {
            if (member.IsCatchingUp)
            {
                continue;
            }

            if (member.Connection.TrySend(message))
            {
                member.SentVersion = _version;
            }
            else
            {
                CatchUp(member, null);
            }
        }
    }

    private void SendToAll(PreparedMessage message)
    {
        _lastSent = _time.GetTimestamp();
        foreach (YjsMember member in _members)
        {
            if (!member.IsCatchingUp && !member.Connection.TrySend(message))
            {
                member.Owed |= OwedMessages.Awareness;
                CatchUp(member, null);
            }
            else if (member.IsCatchingUp)
            {
                member.Owed |= OwedMessages.Awareness;
            }
        }
    }

    // The first change after a rest goes at once, those behind it together.
    private void FlushAwareness()
    {
        if (!_awareness.HasChanges || _awarenessIsDue || _isClosed)
        {
            return;
        }

        TimeSpan since = _time.GetElapsedTime(_awarenessSent);
        if (_awarenessSent == 0 || since >= _options.AwarenessInterval)
        {
            SendAwareness();
            return;
        }

        _awarenessIsDue = true;
        TimeSpan wait = _options.AwarenessInterval - since;
        _awarenessTimer ??= _time.CreateTimer(
            static document => ((LiveDocument)document!).AwarenessDue(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
        _awarenessTimer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void AwarenessDue()
    {
        lock (_lock)
        {
            _awarenessIsDue = false;
            if (_awareness.HasChanges && !_isClosed)
            {
                SendAwareness();
            }
        }
    }

    private void SendAwareness()
    {
        _awarenessSent = _time.GetTimestamp();
        _allAwareness = null;
        SendToAll(YjsMessages.FrameAwareness(_awareness.TakeChanges(YjsMessages.Room)));
    }

    private void SendWhatIsOwed(YjsMember member)
    {
        while (!member.IsCatchingUp && NextFor(member) is { } message)
        {
            if (!member.Connection.TrySend(message))
            {
                CatchUp(member, message);
            }
        }
    }

    private void CatchUp(YjsMember member, PreparedMessage? first)
    {
        member.IsCatchingUp = true;
        _ = Task.Run(() => CatchUpAsync(member, first));
    }

    private async Task CatchUpAsync(YjsMember member, PreparedMessage? message)
    {
        try
        {
            while (true)
            {
                if (message is not null)
                {
                    await member.Connection.SendAsync(message);
                }

                lock (_lock)
                {
                    message = NextFor(member);
                    if (message is null)
                    {
                        member.IsCatchingUp = false;
                        return;
                    }
                }
            }
        }
        catch (WebSocketClosedException)
        {
            // It leaves, or has left.
        }
    }

    // The next bytes for a member; they count as sent. Null when it has everything.
    private PreparedMessage? NextFor(YjsMember member)
    {
        if (member.Owed.HasFlag(OwedMessages.Step1))
        {
            member.Owed &= ~OwedMessages.Step1;
            return _step1 ??= YjsMessages.FrameSync(
                YjsMessages.Step1,
                [.. stackalloc byte[YjsMessages.Room], .. _state.EncodeStateVector()]
            );
        }

        if (member.Asked is { } vector)
        {
            Answer answer = AnswerTo(vector);
            (member.Asked, member.SentVersion) = (null, answer.Version);
            member.Owed |= OwedMessages.Step2;
            return answer.Message;
        }

        if (member.Owed.HasFlag(OwedMessages.Step2))
        {
            PreparedMessage step2 = Since(member.SentVersion, YjsMessages.Step2);
            member.SentVersion = _version;
            member.Owed &= ~OwedMessages.Step2;
            return step2;
        }

        if (member.SentVersion < _version)
        {
            PreparedMessage missed = Since(member.SentVersion, YjsMessages.Update);
            member.SentVersion = _version;
            return missed;
        }

        if (member.Owed.HasFlag(OwedMessages.Awareness))
        {
            member.Owed &= ~OwedMessages.Awareness;
            return _allAwareness ??= YjsMessages.FrameAwareness(_awareness.EncodeAll(YjsMessages.Room));
        }

        return null;
    }

    // The difference for a client that asked with a state vector, as it was a moment ago or is now.
    private Answer AnswerTo(byte[] vector)
    {
        long oldest = _version - _recent.Count;
        Answer? answer = _answers.Find(answer => answer.Version >= oldest && answer.Vector.AsSpan().SequenceEqual(vector));
        if (answer is not null)
        {
            answer.LastUsed = _time.GetTimestamp();
            return answer;
        }

        bool isRead = StateVector.TryRead(vector, out StateVector? known, out _);
        Debug.Assert(isRead, "It was read before.");
        PreparedMessage message = YjsMessages.FrameSync(YjsMessages.Update, _state.Encode(known!, YjsMessages.Room));
        _metrics.AnswerEncoded();
        answer = new Answer(vector, _version, message) { LastUsed = _time.GetTimestamp() };
        _answers.RemoveAll(other => other.Version < oldest);
        long held = _answers.Sum(static other => (long)other.Message.Payload.Length);
        if (_answers.Count == MostAnswers || held + message.Payload.Length > 2 * Math.Max(LeastRecentBytes, _state.MemoryBytes))
        {
            _answers.Clear();
        }

        _answers.Add(answer);
        return answer;
    }

    // The updates since a version.
    private PreparedMessage Since(long version, int kind)
    {
        if (version == _version)
        {
            Debug.Assert(kind == YjsMessages.Step2, "Nobody is sent nothing but by a step 2, which ends an answer.");
            return YjsMessages.EmptyStep2;
        }

        if (_tail is { } tail && tail.From == version && tail.Kind == kind)
        {
            return tail.Message;
        }

        long count = _version - version;
        byte[] update;
        if (count > _recent.Count)
        {
            // Too long ago: everything, which clients take what they lack from.
            update = _state.Encode(StateVector.Nothing, YjsMessages.Room);
        }
        else
        {
            var merged = new YjsDocument(joinsStructs: true);
            foreach (ParsedUpdate recent in _recent.Skip((int)(_recent.Count - count)))
            {
                merged.Apply(recent);
            }

            update = merged.Encode(StateVector.Nothing, YjsMessages.Room);
        }

        PreparedMessage message = YjsMessages.FrameSync(kind, update);
        _tail = (version, kind, message);
        return message;
    }

    private void ForgetAnswers() => _answers.RemoveAll(answer => _time.GetElapsedTime(answer.LastUsed) >= _answerLifetime);

    private sealed class Answer(byte[] vector, long version, PreparedMessage message)
    {
        public byte[] Vector { get; } = vector;

        public long Version { get; } = version;

        public PreparedMessage Message { get; } = message;

        public long LastUsed { get; set; }
    }
}
