"""What a suite, a shipper or a courier had to do with: the orders behind one of them, now and before."""
