using System.Diagnostics.CodeAnalysis;

namespace Longwire.Hubs;

/// <summary>
/// The accounts of all sessions, and so the users of this node. One that has no session any more stays until its bucket is full again, so
/// that reconnecting gives no new burst. Thread-safe.
/// </summary>
internal sealed class AccountTable(MonotonicClock clock)
{
    private static readonly TimeSpan _longestRest = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly HashSet<Account> _accounts = new(new ByKey());
    private readonly PriorityQueue<Account, TimeSpan> _resting = new();

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _accounts.Count;
            }
        }
    }

    /// <summary>The account with a key, for one more session.</summary>
    public Account Open(AccountKey key)
    {
        lock (_gate)
        {
            if (!TryFind(key, out Account? account))
            {
                Growth.MakeRoom(_accounts);
                _accounts.Add(account = new Account(key));
            }

            account.References++;
            return account;
        }
    }

    /// <summary>The account of a user who has sessions here; null for none.</summary>
    public Account? FindUser(string userId) => Find(AccountKey.OfUser(userId));

    /// <summary>The account with a key; null for none.</summary>
    public Account? Find(AccountKey key)
    {
        lock (_gate)
        {
            return TryFind(key, out Account? account) ? account : null;
        }
    }

    /// <summary>The sessions of a user: a snapshot.</summary>
    public HubSession[] SessionsOf(string userId) => FindUser(userId)?.Sessions ?? [];

    /// <summary>A session has the account no more.</summary>
    public void Close(Account account)
    {
        lock (_gate)
        {
            if (--account.References == 0)
            {
                ForgetOrRest(account);
            }
        }
    }

    /// <summary>Forgets the accounts that have rested long enough.</summary>
    public void Sweep()
    {
        lock (_gate)
        {
            TimeSpan now = clock.Now;
            while (_resting.TryPeek(out Account? account, out TimeSpan until) && until <= now)
            {
                _resting.Dequeue();
                account.IsResting = false;
                if (account.References == 0)
                {
                    ForgetOrRest(account);
                }
            }
        }
    }

    private bool TryFind(AccountKey key, [NotNullWhen(true)] out Account? account) =>
        _accounts.GetAlternateLookup<AccountKey>().TryGetValue(key, out account);

    private void ForgetOrRest(Account account)
    {
        TimeSpan rest = account.TimeUntilFull(clock.Now);
        if (rest == TimeSpan.Zero)
        {
            _accounts.Remove(account);
        }
        else if (!account.IsResting)
        {
            account.IsResting = true;
            // A bucket that fills more slowly than within a day is as good as full then.
            _resting.Enqueue(account, clock.After(rest < _longestRest ? rest : _longestRest));
        }
    }

    /// <summary>An account is found by its key without holding that twice.</summary>
    private sealed class ByKey : IEqualityComparer<Account>, IAlternateEqualityComparer<AccountKey, Account>
    {
        public bool Equals(Account? x, Account? y) => x?.Key == y?.Key;

        public int GetHashCode(Account obj) => obj.Key.GetHashCode();

        public Account Create(AccountKey alternate) => throw new NotSupportedException("An account is added by itself.");

        public bool Equals(AccountKey alternate, Account other) => alternate == other.Key;

        public int GetHashCode(AccountKey alternate) => alternate.GetHashCode();
    }
}
