using System.Globalization;
using System.Net;

namespace Longwire.Hubs;

/// <summary>An administrator's actions. Each is in the audit log, with its target.</summary>
internal sealed class AdminActions(Hub hub, IHub application, AdminAudit audit)
{
    private static readonly AdminRefusal _noTarget = new("invalid-format", "Say whom: clientId, userId, tokenId or address.");

    private Task _draining = Task.CompletedTask;
    private bool _hasDrained;

    /// <summary><c>{clientId}</c> or <c>{userId}</c></summary>
    public async Task<(AdminDone? Done, AdminRefusal? Refusal)> KickAsync(AdminCaller caller, AdminAction action, CancellationToken ct)
    {
        switch (action)
        {
            case { ClientId.Length: > 0, UserId: null, TokenId: null, Address: null }:
                await hub.KickSessionAsync(action.ClientId, ct).ConfigureAwait(false);
                return Done(AdminEvent.Kicked, caller, AdminAudit.Describe("session", action.ClientId));
            case { UserId.Length: > 0, ClientId: null, TokenId: null, Address: null }:
                await hub.KickUserAsync(action.UserId, ct).ConfigureAwait(false);
                return Done(AdminEvent.Kicked, caller, AdminAudit.Describe("user", action.UserId));
            default:
                return (null, _noTarget);
        }
    }

    /// <summary><c>{clientId}</c>, <c>{userId}</c> or <c>{tokenId}</c></summary>
    public async Task<(AdminDone? Done, AdminRefusal? Refusal)> RevokeAsync(AdminCaller caller, AdminAction action, CancellationToken ct)
    {
        switch (action)
        {
            case { ClientId.Length: > 0, UserId: null, TokenId: null, Address: null }:
                await application.Session(action.ClientId).RevokeAsync(ct).ConfigureAwait(false);
                return Done(AdminEvent.Revoked, caller, AdminAudit.Describe("session", action.ClientId));
            case { UserId.Length: > 0, ClientId: null, TokenId: null, Address: null }:
                await application.User(action.UserId).RevokeAsync(ct).ConfigureAwait(false);
                return Done(AdminEvent.Revoked, caller, AdminAudit.Describe("user", action.UserId));
            case { TokenId.Length: > 0, ClientId: null, UserId: null, Address: null }:
                await application.RevokeTokenAsync(action.TokenId, expiresAt: null, ct).ConfigureAwait(false);
                return Done(AdminEvent.Revoked, caller, AdminAudit.Describe("token", action.TokenId));
            default:
                return (null, _noTarget);
        }
    }

    /// <summary><c>{userId}</c> or <c>{address}</c>, and <c>seconds?</c></summary>
    public async Task<(AdminDone? Done, AdminRefusal? Refusal)> BanAsync(AdminCaller caller, AdminAction action, CancellationToken ct)
    {
        if (action.Seconds is { } given && !(given >= 0 && given <= TimeSpan.MaxValue.TotalSeconds / 2))
        {
            return (null, new AdminRefusal("invalid-format", "seconds is 0 to lift a ban, or more; without it the ban is for good."));
        }

        TimeSpan time = action.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        string how = action.Seconds is { } shown ? string.Create(CultureInfo.InvariantCulture, $"{shown} s") : "for good";
        switch (action)
        {
            case { UserId.Length: > 0, ClientId: null, TokenId: null, Address: null }:
                await application.User(action.UserId).BanAsync(time, ct).ConfigureAwait(false);
                return Done(AdminEvent.Banned, caller, AdminAudit.Describe("user", action.UserId, how));
            case { Address.Length: > 0, ClientId: null, UserId: null, TokenId: null }
                when IPAddress.TryParse(action.Address, out IPAddress? address):
                await application.BanAddressAsync(address, time, ct).ConfigureAwait(false);
                return Done(AdminEvent.Banned, caller, AdminAudit.Describe("address", address.ToString(), how));
            case { Address.Length: > 0, ClientId: null, UserId: null, TokenId: null }
                when IPNetwork.TryParse(action.Address, out IPNetwork network):
                await application.BanNetworkAsync(network, time, ct).ConfigureAwait(false);
                return Done(AdminEvent.Banned, caller, AdminAudit.Describe("network", network.ToString(), how));
            default:
                return (null, _noTarget);
        }
    }

    /// <summary><c>{rate?}</c>: returns when it has begun.</summary>
    public Task<(AdminDone? Done, AdminRefusal? Refusal)> DrainAsync(AdminCaller caller, AdminAction action, CancellationToken ct)
    {
        HubDrainOptions options = (hub.Context.Settings.Drain ?? new HubDrainOptions()) with { };
        if (action.Rate is { } rate)
        {
            if (!double.IsFinite(rate) || rate <= 0)
            {
                return Task.FromResult<(AdminDone?, AdminRefusal?)>(
                    (null, new AdminRefusal("invalid-format", "rate is more than 0 connections a second."))
                );
            }

            options.Rate = rate;
        }

        if (!hub.IsReady || Interlocked.Exchange(ref _hasDrained, true))
        {
            return Task.FromResult<(AdminDone?, AdminRefusal?)>(
                (null, new AdminRefusal("draining", "The node takes no connections any more."))
            );
        }

        string how = string.Create(CultureInfo.InvariantCulture, $"{options.Rate} a second");
        (AdminDone?, AdminRefusal?) done = Done(AdminEvent.Drained, caller, AdminAudit.Describe("node", hub.Node, how));
        // It lasts longer than the request, and ends with the hub.
        _draining = hub.DrainAsync(options, CancellationToken.None);
        return Task.FromResult(done);
    }

    private (AdminDone? Done, AdminRefusal? Refusal) Done(AdminEvent what, AdminCaller caller, string target)
    {
        audit.Add(what, caller, target);
        return (new AdminDone(what.ToString(), target), null);
    }
}
