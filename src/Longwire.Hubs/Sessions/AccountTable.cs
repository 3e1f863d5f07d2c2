namespace Longwire.Hubs;

/// <summary>
/// The accounts of all sessions. One that has no session any more stays until its bucket is full again, so that reconnecting gives no new
/// burst. Thread-safe.
/// </summary>
internal sealed class AccountTable(HubOptions settings, MonotonicClock clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<AccountKey, Account> _accounts = [];
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
            if (!_accounts.TryGetValue(key, out Account? account))
            {
                _accounts[key] = account = new Account(key, settings);
            }

            account.Sessions++;
            return account;
        }
    }

    /// <summary>A session has the account no more.</summary>
    public void Close(Account account)
    {
        lock (_gate)
        {
            if (--account.Sessions == 0)
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
                if (account.Sessions == 0)
                {
                    ForgetOrRest(account);
                }
            }
        }
    }

    private void ForgetOrRest(Account account)
    {
        TimeSpan rest = account.TimeUntilFull();
        if (rest == TimeSpan.Zero)
        {
            _accounts.Remove(account.Key);
        }
        else if (!account.IsResting)
        {
            account.IsResting = true;
            _resting.Enqueue(account, clock.After(rest));
        }
    }
}
