using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs.Tests;

/// <summary>A chat as an application would write it: the server and the tests add and map the same.</summary>
internal static class ChatProgram
{
    public static IServiceCollection AddChat(this IServiceCollection services) =>
        services.AddAuthorization(o =>
            o.AddPolicy(
                "member",
                policy => policy.RequireAssertion(c => c.Resource is RoomResource room && c.User.HasClaim("room", room.Name))
            )
        );

    public static void MapChat(this IRoomRouteBuilder hub) =>
        hub.MapRoom("chat:{name}")
            .RequireAuthorization("member")
            .WithHistory(200, TimeSpan.FromDays(1))
            .WithPresence()
            .WithSafeText()
            .OnJoin(
                async (JoinRequest join, string name, ChatStore store) =>
                    await store.IsOpenAsync(name) ? join.Accept() : join.Refuse("This room is closed")
            )
            .OnMessage<Say>(
                async (MessageRequest<Say> message, ChatStore store) =>
                    await store.IsSpamAsync(message.User, message.Content) ? message.Refuse("No spam") : message.Accept()
            )
            .Relay<Typing>()
            .On<Search, SearchResult>(
                (RoomRequest request, Search search, string name, ChatStore store, CancellationToken ct) =>
                    store.SearchAsync(name, search.Text, ct)
            );
}

[HubMessage("message")]
internal sealed record Say([property: StringLength(2_000, MinimumLength = 1)] string Text);

internal sealed record Typing(bool On);

internal sealed record Search(string Text);

internal sealed record SearchResult(string[] Found);

internal sealed class ChatStore
{
    public ConcurrentDictionary<string, bool> Closed { get; } = new();

    public Task<bool> IsOpenAsync(string name) => Task.FromResult(!Closed.ContainsKey(name));

    public ValueTask<bool> IsSpamAsync(ClaimsPrincipal user, Say say) => new(say.Text.Contains(user.Identity!.Name + " sells"));

    public async ValueTask<SearchResult> SearchAsync(string room, string text, CancellationToken cancellationToken)
    {
        await Task.Delay(0, cancellationToken);
        return new SearchResult([$"{room}/{text}"]);
    }
}
