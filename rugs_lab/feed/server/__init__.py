"""The built-in game server: rugs.fun's message format on loopback, simulated or from a raw event log.

``game_server``    `GameServer`: the public class; runs in a thread of its own
``socketio_side``  the Socket.IO endpoint that sends the events
``refusing``       how a strict server rejects clients
``simulation``     what is sent: games, players, trades, chat, as one reproducible iterator
"""
