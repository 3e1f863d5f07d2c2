using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Longwire.Hubs;

/// <summary>
/// The issuer's keys, and when they are read: at first, again for a key id that is not among them, and again when they are old, so that a
/// key that the issuer has taken back is not good for ever. Requests that come meanwhile wait for the one reading. Thread-safe.
/// </summary>
internal sealed class JwtKeys : IDisposable
{
    private const int MaxBytes = 64 * 1024;

    private static readonly TimeSpan _maxAge = TimeSpan.FromHours(1);
    private static readonly TimeSpan _refreshInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _retryInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(8);

    private readonly HubJwtOptions _options;
    private readonly MonotonicClock _clock;
    private readonly HubLog _log;
    private readonly HttpClient? _http;
    private readonly SemaphoreSlim _reading = new(1);
    private KeySet? _set;
    private Exception? _failure;
    private TimeSpan _notBefore;

    public JwtKeys(HubJwtOptions options, MonotonicClock clock, HubLog log)
    {
        _options = options;
        _clock = clock;
        _log = log;
        if (!string.IsNullOrEmpty(options.Key))
        {
            _set = new KeySet([new SymmetricSecurityKey(Encoding.UTF8.GetBytes(options.Key))], MonotonicClock.Never);
        }
        else if (!string.IsNullOrEmpty(options.JwksUrl))
        {
            _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
            {
                MaxResponseContentBufferSize = MaxBytes,
                Timeout = _timeout,
            };
        }
    }

    /// <summary>The keys that a token which names a key, or none, may be signed with.</summary>
    /// <exception cref="InvalidOperationException">They could not be read yet.</exception>
    public async ValueTask<IReadOnlyList<SecurityKey>> FindAsync(string? keyId, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _set) is { } known && _clock.Now < known.OldAt && known.Find(keyId) is { Count: > 0 } found)
        {
            return found;
        }

        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            bool isCurrent = _set is { } set && _clock.Now < set.OldAt && set.Find(keyId).Count > 0;
            if (!isCurrent && _http is null && _options.JwksFile is null)
            {
                return [];
            }

            if (!isCurrent && _clock.Now >= _notBefore)
            {
                await ReadAsync(cancellationToken).ConfigureAwait(false);
            }

            return _set is null ? throw new InvalidOperationException("The issuer's keys could not be read.", _failure) : _set.Find(keyId);
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose()
    {
        _http?.Dispose();
        _reading.Dispose();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            string json = _http is not null
                ? await _http.GetStringAsync(new Uri(_options.JwksUrl!), cancellationToken).ConfigureAwait(false)
                : await ReadFileAsync(cancellationToken).ConfigureAwait(false);
            SecurityKey[] keys =
            [
                .. new JsonWebKeySet(json).GetSigningKeys().Where(static key => key is RsaSecurityKey or ECDsaSecurityKey),
            ];
            _notBefore = _clock.After(_refreshInterval);
            Volatile.Write(ref _set, new KeySet(keys, _clock.After(_maxAge)));
            _failure = null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The keys of before stay good: the issuer being away must not throw everybody out.
            _notBefore = _clock.After(_retryInterval);
            _failure = exception;
            _log.KeysUnreadable(exception);
        }
    }

    private async Task<string> ReadFileAsync(CancellationToken cancellationToken) =>
        new FileInfo(_options.JwksFile!).Length > MaxBytes
            ? throw new InvalidOperationException($"The file has more than {MaxBytes} bytes.")
            : await File.ReadAllTextAsync(_options.JwksFile!, cancellationToken).ConfigureAwait(false);

    private sealed record KeySet(SecurityKey[] Keys, TimeSpan OldAt)
    {
        /// <summary>The key of an id. Without one, the only key there is: a token is not tried with one key after the other.</summary>
        public IReadOnlyList<SecurityKey> Find(string? keyId) =>
            keyId is null ? (Keys.Length == 1 ? Keys : [])
            : Keys is [SymmetricSecurityKey] ? Keys
            : [.. Keys.Where(key => key.KeyId == keyId)];
    }
}
