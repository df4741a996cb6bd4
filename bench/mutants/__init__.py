"""Small faults made on purpose: does a test fail for each of them?"""
