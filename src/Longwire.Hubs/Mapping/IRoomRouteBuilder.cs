using System.Diagnostics.CodeAnalysis;

namespace Longwire.Hubs;

/// <summary>Rooms are mapped on it, as requests are on an <c>IEndpointRouteBuilder</c>. All mapping is done before the start.</summary>
public interface IRoomRouteBuilder
{
    /// <summary>
    /// Maps the rooms of a template. <c>chat:{name}</c> names rooms by what stands in them: <c>{x}</c> takes what is between two colons,
    /// <c>{x:int}</c> what is a number too, as in routing, <c>{**rest}</c> all that is left. Names are compared ordinally. Where several
    /// templates match, a literal goes before a constrained parameter, that before a free one, and that before the rest. Once a room is
    /// mapped, there are no others.
    /// </summary>
    /// <param name="template">The template.</param>
    /// <returns>Says what these rooms have and do.</returns>
    /// <exception cref="InvalidOperationException">The application has started.</exception>
    /// <exception cref="LongwireConfigurationException">When the application starts: the template is wrong or ambiguous.</exception>
    RoomBuilder MapRoom(string template);

    /// <summary>Maps the rooms of a template to a class, for a state that lives with the room.</summary>
    /// <typeparam name="TRoom">The class: a <see cref="LiveRoom{TSeat}"/>.</typeparam>
    /// <param name="template">The template.</param>
    /// <returns>Says what these rooms have and do.</returns>
    /// <exception cref="InvalidOperationException">The application has started.</exception>
    RoomBuilder<TRoom> MapRoom<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TRoom>(string template)
        where TRoom : LiveRoom;
}
