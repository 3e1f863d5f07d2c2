namespace Longwire.Hubs;

/// <summary>All that deals with clients' requests, put together.</summary>
internal sealed class ClientRequests
{
    public ClientRequests(NodeContext node, RoomRegistry rooms, Publisher publisher, NodeSessions sessions)
    {
        Rooms = new RequestedRooms(node, rooms);
        Refusals = new Refusals(node);
        var markers = new MarkerRequests(node, Rooms, Refusals, rooms, publisher);
        var maps = new MapRequests(node, Rooms, Refusals, publisher);
        var presence = new PresenceRequests(node, Rooms, Refusals);
        Messages = new MessageRequests(node, Rooms, Refusals, markers, publisher);
        var ofRooms = new RoomRequests(node, Rooms, Refusals, rooms, maps, presence, markers);
        var binary = new BinaryRequests(node, Rooms, Refusals, Messages);
        var authentication = new AuthenticationRequests(node, Refusals, sessions, ofRooms);
        Dispatcher = new MessageDispatcher(node, Refusals, Messages, ofRooms, maps, presence, markers, binary, authentication);
        Placement = new RoomPlacement(node, ofRooms, sessions.Lease);
    }

    public MessageDispatcher Dispatcher { get; }

    public RoomPlacement Placement { get; }

    public RequestedRooms Rooms { get; }

    public Refusals Refusals { get; }

    public MessageRequests Messages { get; }
}
