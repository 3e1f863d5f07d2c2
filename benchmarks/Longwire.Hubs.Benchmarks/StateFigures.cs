using System.Diagnostics;
using System.Globalization;
using System.Text;
using Longwire.Hubs.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs.Benchmarks;

/// <summary>
/// The figures of a room's presence and map, of a hub in this process: what a page costs, and what a member and a key take.
/// </summary>
internal static class StateFigures
{
    private const int Size = 100_000;
    private const int Pages = 20;

    public static async Task<string> MeasureAsync()
    {
        var store = new MemoryHubStore();
        await using HubTestHost host = await HubTestHost.StartAsync(
            static hub => hub.MapRoom("large").WithPresence(static presence => presence.AnnouncedMembers = 0).WithMap(),
            services => services.AddSingleton<IHubEngine>(new MemoryHubEngine(store)),
            static hub => hub.RateLimit = null
        );
        // The members are another node's.
        await using var engine = new MemoryHubEngine(store);
        await engine.StartAsync(new Nobody(), default);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        await engine.Publications.SubscribeAsync("large", default);
        // As many as a large room has, at once; their connections are measured elsewhere.
        RoomMember[] members =
        [
            .. Enumerable
                .Range(0, Size)
                .Select(static number => new RoomMember($"client{number:000000}", $"user{number:000000}", "somebody", null)),
        ];
        await engine.Presence.AddAsync("large", members, default);
        members = [];
        double member = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Size;
        before = GC.GetTotalMemory(forceFullCollection: true);
        IRoomMap<string> map = host.Hub.Room("large").Map<string>();
        for (int number = 0; number < Size; number++)
        {
            await map.PutAsync($"key{number:000000}", "a value of 24 characters");
        }

        double key = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Size;
        HubTestClient client = await host.ConnectAsync("reader");
        double presence = await CpuAsync(client, """{"type":"join-room","room":"large","presence":"changes"}""");
        double keys = await CpuAsync(client, """{"type":"join-room","room":"large","map":true}""");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"\nA room with {Size:N0} members and {Size:N0} keys: the first page of its members takes {presence:0.00} ms of CPU, of its map {keys:0.00} ms. "
                + $"A member's entry takes {member:N0} B, a key of 9 characters with a value of 26 B takes {key:N0} B, its newest changes included.\n"
        );
    }

    private sealed class Nobody : IHubNode
    {
        public string Id => "crowd";

        public void OnPublication(string room, Publication publication) { }

        public void OnPresence(string room, PresenceChange change) { }

        public void OnCommand(NodeCommand command) { }

        public ValueTask<ReadOnlyMemory<byte>> OnQuestionAsync(NodeQuestion question) => default;

        public void OnBlock(AccessBlock block) { }

        public void OnEngineState(EngineState state) { }
    }

    private static async Task<double> CpuAsync(HubTestClient client, string join)
    {
        byte[] request = Encoding.UTF8.GetBytes(join);
        TimeSpan began = default;
        for (int page = -1; page < Pages; page++)
        {
            // The first compiles what the others run.
            began = page == 0 ? Process.GetCurrentProcess().TotalProcessorTime : began;
            client.Send(request);
            await client.NextAsync("joined-room");
        }

        return (Process.GetCurrentProcess().TotalProcessorTime - began).TotalMilliseconds / Pages;
    }
}
