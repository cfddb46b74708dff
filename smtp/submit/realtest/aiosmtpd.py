# A server that passes on what comes in, by LMTP.
import asyncio
import smtplib

from aiosmtpd.smtp import SMTP


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 nobody of that name here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        await asyncio.get_running_loop().run_in_executor(None, self.deliver, envelope)
        return "250 2.0.0 ok"

    def deliver(self, envelope):
        with smtplib.LMTP("127.0.0.1", $sink) as sink:
            trace = b"Received: by aiosmtpd.test\r\n"
            for recipient in envelope.rcpt_tos:  # smtplib takes one answer for all
                sink.sendmail(envelope.mail_from, recipient, trace + envelope.original_content)


async def main():
    def serve():
        return SMTP(Handler(), hostname="aiosmtpd.test", enable_SMTPUTF8=True)

    server = await asyncio.get_running_loop().create_server(serve, "127.0.0.1", $port)
    await server.serve_forever()


asyncio.run(main())
