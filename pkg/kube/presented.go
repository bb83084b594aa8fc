package kube

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"time"
)

// Presented is the chain of certificates that a port of a pod presents to a
// client that asks for a name. Nothing is sent after the handshake, and nothing
// is verified: that is up to the caller.
func (c *Client) Presented(ctx context.Context, from PodPort, name string) (chain []*x509.Certificate, err error) {
	within, cancel := context.WithTimeout(ctx, podLimit)
	defer cancel()
	err = c.forwarded(within, from, func(stream io.ReadWriter) error {
		chain, err = handshake(within, stream, name)
		return err
	})
	return chain, err
}

func handshake(ctx context.Context, stream io.ReadWriter, name string) ([]*x509.Certificate, error) {
	conn := tls.Client(streamConn{stream}, &tls.Config{
		ServerName:         name,
		InsecureSkipVerify: true, // the chain is what is asked for, and nothing goes over the connection
	})
	if err := conn.HandshakeContext(ctx); ctx.Err() != nil {
		return nil, ctx.Err()
	} else if err != nil {
		return nil, &PodError{"it ended the TLS handshake: " + err.Error()}
	}
	return conn.ConnectionState().PeerCertificates, nil
}

// streamConn makes a connection of a stream. Whoever opened the stream closes
// it when time is up.
type streamConn struct{ io.ReadWriter }

func (streamConn) Close() error                     { return nil }
func (streamConn) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (streamConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (streamConn) SetDeadline(time.Time) error      { return nil }
func (streamConn) SetReadDeadline(time.Time) error  { return nil }
func (streamConn) SetWriteDeadline(time.Time) error { return nil }
